#include "kernels/base/exp32.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint64_t kStride = 4'099;  // prime, so that every low bit pattern turns up

// Largest |f(x) - exact(x)| / |exact(x)| over a sample of the floats in [low, high].
template <class F, class Exact>
double largest_error(float low, float high, F f, Exact exact) {
  double largest = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += kStride) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!(x >= low && x <= high)) continue;
    const double truth = exact(static_cast<double>(x));
    const double error = std::abs(static_cast<double>(f(x)) - truth);
    largest = std::max(largest, truth == 0 ? error : error / std::abs(truth));
  }
  return largest;
}

}  // namespace

TEST_CASE("exp32 is within 8.4e-8 of the exponential") {
  REQUIRE(largest_error(-87.0f, 88.0f, exp32, [](double x) { return std::exp(x); }) < 8.4e-8);
}

TEST_CASE("exp32 at its edges") {
  REQUIRE(exp32(0.0f) == 1.0f);
  REQUIRE(exp32(-0.0f) == 1.0f);
  REQUIRE(std::bit_cast<std::uint32_t>(exp32(-kInfinity)) == 0);
  REQUIRE(std::bit_cast<std::uint32_t>(exp32(std::nextafter(-87.0f, -88.0f))) == 0);
  REQUIRE(exp32(-87.0f) > 0.0f);
  REQUIRE(exp32(1e30f) == exp32(88.0f));
  REQUIRE(exp32(kInfinity) == exp32(88.0f));
}

TEST_CASE("log32 is within 8.4e-8 of the natural logarithm") {
  const float smallest = std::numeric_limits<float>::min();
  const float largest = std::numeric_limits<float>::max();
  REQUIRE(largest_error(smallest, largest, log32, [](double x) { return std::log(x); }) < 8.4e-8);
  REQUIRE(std::bit_cast<std::uint32_t>(log32(1.0f)) == 0);
}

}  // namespace pecia::kernels
