// The one main of all test programs in C++. Catch2 2 and 3 both work: catch.hpp here and in each test says which is there.
#define CATCH_CONFIG_MAIN
#include "testing/catch.hpp"
