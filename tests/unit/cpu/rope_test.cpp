// RoPE tables and the double arithmetic under them.

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/base/double_math.hpp"
#include "kernels/base/model_limits.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/cpu/ops.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pecia::kernels;

// Difference in units of the last place of the expected value.
double ulps(double value, double expected) {
  const double magnitude = std::fabs(expected);
  const double unit =
      std::nextafter(magnitude, std::numeric_limits<double>::infinity()) - magnitude;
  return std::fabs(value - expected) / unit;
}

double uniform(std::uint64_t index, double low, double high) {
  return low + (high - low) * unit_double(philox64(11, index, 0));
}

TEST_CASE("double exp and log agree with libm within one unit of the last place") {
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const double x = uniform(i, -700, 700);
    REQUIRE(ulps(double_math::exp(x), std::exp(x)) <= 1);
    const double y = std::exp(x);
    REQUIRE(ulps(double_math::log(y), std::log(y)) <= 1);
    const double near_one = uniform(i, 0.5, 2);
    REQUIRE(ulps(double_math::log(near_one), std::log(near_one)) <= 1);
  }
  CHECK(double_math::exp(0.0) == 1.0);
  CHECK(double_math::log(1.0) == 0.0);
}

TEST_CASE("double sin and cos agree with libm within one unit of the last place") {
  const auto check = [](double x) {
    const double_math::SinCos value = double_math::sin_cos(x);
    REQUIRE(ulps(value.sin, std::sin(x)) <= 1);
    REQUIRE(ulps(value.cos, std::cos(x)) <= 1);
  };
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    check(uniform(i, -10, 10));
    check(uniform(i, -kRopeAngleMax, kRopeAngleMax));
  }
}

TEST_CASE("double sin and cos keep their digits next to multiples of a quarter turn") {
  for (int n = 1; n < 1'000'000; n += 37) {
    const double x = n * 1.57079632679489661923;
    const double_math::SinCos value = double_math::sin_cos(x);
    REQUIRE(ulps(value.sin, std::sin(x)) <= 1);
    REQUIRE(ulps(value.cos, std::cos(x)) <= 1);
  }
}

TEST_CASE("a rope table follows its definition, scaled and divided") {
  const int head_dim = 10;
  const std::vector<float> divisors{1, 1, 2, 4, 8};
  RopeTable table(head_dim, 500'000, 4, divisors);
  table.extend(3000);
  for (const int position : {0, 1, 31, 2999}) {
    for (int i = 0; i < head_dim / 2; ++i) {
      const double frequency = std::pow(500'000.0, -2.0 * i / head_dim) / (4 * divisors[i]);
      CHECK(table.cosines(position)[i] == Approx(std::cos(position * frequency)).margin(1e-7));
      CHECK(table.sines(position)[i] == Approx(std::sin(position * frequency)).margin(1e-7));
    }
  }
}

TEST_CASE("a rope table does not depend on the steps it grew by") {
  RopeTable at_once(64, 10'000, 1, {});
  RopeTable by_steps(64, 10'000, 1, {});
  at_once.extend(200);
  for (const int count : {1, 2, 50, 50, 199, 200}) by_steps.extend(count);
  const std::size_t floats = 200 * 32;
  CHECK(std::equal(at_once.cosines(0), at_once.cosines(0) + floats, by_steps.cosines(0)));
  CHECK(std::equal(at_once.sines(0), at_once.sines(0) + floats, by_steps.sines(0)));
}

TEST_CASE("rotation of any even head size is the plain formula and touches nothing behind it") {
  const KernelTableList list = runnable_kernel_tables();
  for (const int half : {1, 4, 5, 16, 31, 32, 40, 64, 128}) {
    std::vector<float> x0(half), x1(half), c(half), s(half);
    for (int i = 0; i < half; ++i) {
      x0[i] = static_cast<float>(uniform(4 * i, -2, 2));
      x1[i] = static_cast<float>(uniform(4 * i + 1, -2, 2));
      c[i] = static_cast<float>(uniform(4 * i + 2, -1, 1));
      s[i] = static_cast<float>(uniform(4 * i + 3, -1, 1));
    }
    for (int t = 0; t < list.count; ++t) {
      INFO(list.tables[t]->name << ", half " << half);
      std::vector<float> y0 = x0, y1 = x1;
      y0.push_back(7.0f), y1.push_back(7.0f);
      list.tables[t]->rope(y0.data(), y1.data(), c.data(), s.data(), half);
      for (int i = 0; i < half; ++i) {
        REQUIRE(y0[i] == std::fma(x0[i], c[i], -(x1[i] * s[i])));
        REQUIRE(y1[i] == std::fma(x0[i], s[i], x1[i] * c[i]));
      }
      CHECK((y0[half] == 7.0f && y1[half] == 7.0f));
    }
  }
}

}  // namespace
