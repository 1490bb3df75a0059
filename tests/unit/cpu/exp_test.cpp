// exp of every instruction set against its scalar definition, and the software fma of the portable
// kernels against the hardware's.

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "kernels/base/exp32.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/cpu/isa/vec_portable.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pecia::kernels;

constexpr int kBatch = 4096;

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

bool same(float a, float b) { return bits(a) == bits(b) || (std::isnan(a) && std::isnan(b)); }

// The first difference over every `step`-th float and over all tables; empty where there is none.
// Any NaN equals any other.
std::string difference_from_scalar(std::uint64_t step) {
  const KernelTableList list = runnable_kernel_tables();
  alignas(64) float inputs[kBatch], expected[kBatch], values[kBatch];
  for (std::uint64_t first = 0; first < std::uint64_t{1} << 32; first += step * kBatch) {
    for (int i = 0; i < kBatch; ++i) {
      inputs[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + step * i));
      expected[i] = exp32(inputs[i]);
    }
    for (int t = 0; t < list.count; ++t) {
      std::memcpy(values, inputs, sizeof values);
      list.tables[t]->exp(values, kBatch);
      if (std::memcmp(values, expected, sizeof values) == 0) continue;
      const auto* wrong = std::mismatch(values, values + kBatch, expected, same).first;
      if (wrong == values + kBatch) continue;
      return fmt::format("{} gives {} for {}", list.tables[t]->name, *wrong,
                         inputs[wrong - values]);
    }
  }
  return {};
}

TEST_CASE("exp of every instruction set equals the scalar one on every 64th float") {
  CHECK(difference_from_scalar(64) == "");
}

TEST_CASE("exp of every instruction set equals the scalar one on every float", "[.][nightly]") {
  CHECK(difference_from_scalar(1) == "");
}

TEST_CASE("exp is exact at zero, nothing below -87 and bounded above 88") {
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    const float huge = std::numeric_limits<float>::infinity();
    alignas(64) float x[16] = {0.0f, -0.0f, -huge, -87.5f, 88.0f, 89.0f, huge};
    list.tables[i]->exp(x, 16);
    CHECK(bits(x[0]) == bits(1.0f));
    CHECK(bits(x[1]) == bits(1.0f));
    CHECK(bits(x[2]) == 0);
    CHECK(bits(x[3]) == 0);
    CHECK(x[4] == Approx(std::exp(88.0)).epsilon(1e-6));
    CHECK(x[5] == x[4]);
    CHECK(x[6] == x[4]);
  }
}

// Operands whose product and sum need the double rounding that a plain double sum gets wrong.
float hard_operand(std::uint64_t draw, std::uint64_t index) {
  const std::uint64_t random = philox64(7, index, draw);
  const auto exponent = static_cast<std::uint32_t>(100 + random % 56);
  const auto few_bits = static_cast<std::uint32_t>(random >> 20) & 0x00780001u;
  const auto any_bits = static_cast<std::uint32_t>(random >> 20) & 0x007FFFFFu;
  const std::uint32_t mantissa = (random >> 60) % 2 == 0 ? few_bits : any_bits;
  return std::bit_cast<float>(static_cast<std::uint32_t>(random >> 63) << 31 | exponent << 23 |
                              mantissa);
}

TEST_CASE("the software fma rounds once, as the hardware does") {
  for (std::uint64_t i = 0; i < 2'000'000; ++i) {
    const float a = hard_operand(0, i), b = hard_operand(1, i), c = hard_operand(2, i);
    if (bits(exact_fma(a, b, c)) != bits(std::fma(a, b, c))) FAIL(a << " * " << b << " + " << c);
  }
}

TEST_CASE("the software fma knows ties that lean on the lost bits, denormals and infinities") {
  const float huge = std::numeric_limits<float>::infinity();
  const float cases[][3] = {
      {0x1p-12f, 0x1p-12f, 1.0f},                       // exactly a tie: to even
      {0x1.000002p-12f, 0x1p-12f, 1.0f},                // just above it
      {0x1.fffffep-13f, 0x1p-12f, 1.0f},                // just below it
      {0x1.000002p0f, 0x1.000002p-24f, 0x1.fffffep0f},  // inexact double sum near a tie
      {0x1.8p-75f, 0x1p-75f, 0.0f},                     // half a denormal and a bit
      {0x1p-75f, 0x1p-75f, 0x1p-149f},                  // a tie between denormals
      {-0x1p-75f, 0x1.000002p-75f, 0x1p-126f},          // at the edge of the normals
      {0x1.fffffep127f, 2.0f, -0x1.fffffep127f},        // the product alone overflows
      {huge, 1.0f, 1.0f},
      {0.0f, -1.0f, 0.0f},
      {-0.0f, 1.0f, -0.0f},
      {0x1.fffffep127f, 0x1.fffffep127f, 0x1.fffffep127f},
  };
  for (const auto& [a, b, c] : cases) {
    INFO(a << " * " << b << " + " << c);
    CHECK(bits(exact_fma(a, b, c)) == bits(std::fma(a, b, c)));
    CHECK(bits(exact_fma(-a, b, -c)) == bits(std::fma(-a, b, -c)));
  }
}

}  // namespace
