#include "kernels/base/float_mode.hpp"

#include "tests/catch.hpp"
#include "tests/unit/cpu/spoiled_float_mode.hpp"

using namespace pecia::kernels;

#if defined(__SSE2__)
TEST_CASE("a guard sets the default float mode for its scope and gives the old one back") {
  REQUIRE(is_default_float_mode());
  const testing::SpoiledFloatMode spoiled;
  REQUIRE_FALSE(is_default_float_mode());
  {
    const FloatModeGuard guard;
    REQUIRE(is_default_float_mode());
    volatile float denormal = 0x1p-130f;
    REQUIRE(denormal * 0.5f == 0x1p-131f);
  }
  REQUIRE(spoiled.still_spoiled());
}

TEST_CASE("flags that earlier operations left behind do not make a float mode another") {
  volatile float zero = 0;
  volatile float infinity = 1 / zero;
  REQUIRE(infinity > 0);
  REQUIRE(is_default_float_mode());
}
#endif
