#include "protocol/base64.hpp"

#include "testing/catch.hpp"

using namespace malaposta::protocol;

TEST_CASE("base64, there and back (RFC 4648 section 10)") {
  struct Pair {
    std::string_view bytes, text;
  };
  for (const Pair& pair : {Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="}, Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg=="},
                           Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"}, Pair{"\xff\xfe", "//4="}, Pair{"\xfb\xff", "+/8="}}) {
    INFO(pair.text);
    CHECK(encode_base64(pair.bytes) == pair.text);
    CHECK(decode_base64(pair.text) == pair.bytes);
  }
}

TEST_CASE("base64: nothing but its alphabet, padded to the end") {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg==Zg==", "====", "===", "Z===", "Zm9v\n", " Zm9v", "Zm9v ", "Zm-_", "Zm9\xff"}) {
    INFO(text);
    CHECK_FALSE(decode_base64(text));
  }
}
