#include "kernels/weights/half.hpp"

#include <cmath>
#include <random>

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

// The definition, in arithmetic: independent of the bit tricks under test.
double half_by_definition(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

bool is_special(std::uint16_t half) { return (half & 0x7C00) == 0x7C00; }

}  // namespace

TEST_CASE("every finite f16 widens to the number it stands for") {
  for (std::uint32_t bits = 0; bits < 65'536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (is_special(half)) continue;
    REQUIRE(static_cast<double>(half_to_float(half)) == half_by_definition(half));
  }
  CHECK(half_to_float(0x7C00) == INFINITY);
  CHECK(half_to_float(0xFC00) == -INFINITY);
  CHECK(std::isnan(half_to_float(0x7E01)));
  CHECK(std::signbit(half_to_float(0x8000)));
}

TEST_CASE("every f16 survives the way to f32 and back") {
  for (std::uint32_t bits = 0; bits < 65'536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (half != 0x7C00 && half != 0xFC00 && is_special(half)) continue;
    REQUIRE(float_to_half(half_to_float(half)) == half);
  }
  CHECK(float_to_half(NAN) == 0x7E00);
}

TEST_CASE("f32 rounds to the nearest f16, ties to the even one") {
  for (std::uint16_t low = 0; low < 0x7BFF; ++low) {
    const auto high = static_cast<std::uint16_t>(low + 1);
    const float tie = static_cast<float>((half_by_definition(low) + half_by_definition(high)) / 2);
    const std::uint16_t even = low % 2 == 0 ? low : high;
    REQUIRE(float_to_half(tie) == even);
    REQUIRE(float_to_half(-tie) == (even | 0x8000));
    REQUIRE(float_to_half(std::nextafterf(tie, 0.0f)) == low);
    REQUIRE(float_to_half(std::nextafterf(tie, INFINITY)) == high);
  }
}

TEST_CASE("the ends of the f16 range") {
  CHECK(float_to_half(kHalfMax) == 0x7BFF);
  CHECK(float_to_half(65'519.996f) == 0x7BFF);
  CHECK(float_to_half(65'520.0f) == 0x7C00);
  CHECK(float_to_half(1e30f) == 0x7C00);
  CHECK(float_to_half(-INFINITY) == 0xFC00);
  CHECK(float_to_half(0x1p-24f) == 1);
  CHECK(float_to_half(0x1p-25f) == 0);
  CHECK(float_to_half(0x1.000002p-25f) == 1);
  CHECK(float_to_half(0x1p-149f) == 0);
  CHECK(float_to_half(-0.0f) == 0x8000);
}
