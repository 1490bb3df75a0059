#include "kernels/base/base64.hpp"

#include "tests/catch.hpp"

using namespace pecia::kernels;

TEST_CASE("base64 gives the bytes of RFC 4648's examples") {
  CHECK(from_base64("") == "");
  CHECK(from_base64("Zg==") == "f");
  CHECK(from_base64("Zm8=") == "fo");
  CHECK(from_base64("Zm9v") == "foo");
  CHECK(from_base64("Zm9vYmFy") == "foobar");
  CHECK(from_base64("/+8A").value() == std::string("\xFF\xEF\0", 3));
}

TEST_CASE("what is no base64 is none") {
  for (const char* text : {"Zg=", "Z", "Zm9v\n", "Zm 9", "Z=9v", "====", "Zm9-", "Zg==Zg=="}) {
    CHECK(from_base64(text) == std::nullopt);
  }
}
