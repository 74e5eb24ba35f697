// The one main of the tests over sockets.
#define CATCH_CONFIG_MAIN
#include "testing/catch.hpp"
