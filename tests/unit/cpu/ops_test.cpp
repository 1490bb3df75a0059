// The operations between the matrix products: against double references, and with equal bits on
// every instruction set and number of threads.

#include "kernels/cpu/ops.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <vector>

#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/cpu/spoiled_float_mode.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace {

using namespace pecia::kernels;
using pecia::kernels::testing::fill_random;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Batch {
  RowsBuffer buffer;
  Rows rows;
  Batch(int count, int cols, std::uint64_t seed) : rows(buffer.shaped(count, cols)) {
    fill_random(rows, seed);
  }
  std::vector<float> floats() const { return {rows.data, rows.data + rows.floats()}; }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

template <class Check>
void for_each_table(const Check& check) {
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    check(*list.tables[i]);
  }
}

std::vector<float> weights_of(int cols) {
  std::vector<float> weights(cols);
  for (int i = 0; i < cols; ++i) weights[i] = 0.5f + testing::random_unit(5, i) / 4;
  return weights;
}

std::vector<float> normed(const KernelTable& kernels, ThreadPool& pool, const Batch& x) {
  Batch y(x.rows.rows, x.rows.cols, 99);  // leftovers that must not survive, padding included
  std::fill_n(y.rows.data, y.rows.floats(), kNan);
  rms_norm(pool, kernels, x.rows, y.rows, weights_of(x.rows.cols), 1e-5f);
  return y.floats();
}

TEST_CASE("RMSNorm of any width follows the double reference and zeroes the padding") {
  ThreadPool pool(1);
  for (const int cols : {1, 8, 15, 16, 17, 31, 32, 33, 48, 50, 576, 1000, 2048}) {
    const Batch x(3, cols, 1);
    const std::vector<float> weights = weights_of(cols);
    const std::vector<float> y = normed(*runnable_kernel_tables().tables[0], pool, x);
    const Rows result{const_cast<float*>(y.data()), 3, cols};
    for (int row = 0; row < 3; ++row) {
      double squares = 0;
      for (int i = 0; i < cols; ++i) squares += std::pow(static_cast<double>(x.rows.at(row, i)), 2);
      const double r = 1 / std::sqrt(squares / cols + 1e-5);
      for (int i = 0; i < cols; ++i) {
        const double expected = x.rows.at(row, i) * r * weights[i];
        REQUIRE(result.at(row, i) == Approx(expected).epsilon(1e-6).margin(1e-9));
      }
      for (int i = cols; i < result.blocks() * Rows::kBlock; ++i) REQUIRE(result.at(row, i) == 0);
    }
  }
}

TEST_CASE("RMSNorm adds squares in sixteen lanes and a tree, not in another order") {
  // 2^24 in lane 0 swallows a 1 added to it; in lane 1 two ones first become 2.
  const int cols = 32;
  Batch x(1, cols, 1);
  std::fill_n(x.rows.data, cols, 0.0f);
  x.rows.at(0, 0) = 4096.0f;
  x.rows.at(0, 1) = x.rows.at(0, 17) = 1.0f;
  const float sum = 16777216.0f + 2.0f;
  const float expected = 4096.0f * (1.0f / std::sqrt(sum / 32 + 0.0f));
  for_each_table([&](const KernelTable& kernels) {
    Batch y(1, cols, 2);
    const std::vector<float> ones(cols, 1.0f);
    kernels.rms_norm(x.rows.data, y.rows.data, Rows::kBlock, cols, ones.data(), 0.0f);
    CHECK(y.rows.at(0, 0) == expected);
  });
}

TEST_CASE("RMSNorm has the same bits for every instruction set and number of threads") {
  ThreadPool one(1), three(3);
  for (const int cols : {8, 50, 576, 2048}) {
    const Batch x(37, cols, 2);
    const std::vector<float> expected = normed(*runnable_kernel_tables().tables[0], one, x);
    for_each_table([&](const KernelTable& kernels) {
      CHECK(same_bits(normed(kernels, one, x), expected));
      CHECK(same_bits(normed(kernels, three, x), expected));
    });
  }
}

TEST_CASE("SwiGLU is gate times sigmoid times up, with the same bits everywhere") {
  ThreadPool one(1), three(3);
  const Batch up(41, 1000, 4);
  std::vector<float> expected;
  for_each_table([&](const KernelTable& kernels) {
    for (ThreadPool* pool : {&one, &three}) {
      Batch gate(41, 1000, 3);
      gate.rows.at(0, 0) = 80.0f, gate.rows.at(0, 1) = -80.0f;
      const std::vector<float> before = gate.floats();
      swiglu(*pool, kernels, gate.rows, up.rows, gate.rows);
      if (expected.empty()) {
        expected = gate.floats();
        for (std::size_t i = 0; i < before.size(); ++i) {
          const double g = before[i];
          const double reference = g / (1 + std::exp(-g)) * up.rows.data[i];
          REQUIRE(expected[i] == Approx(reference).epsilon(1e-6).margin(1e-40));
        }
      }
      CHECK(same_bits(gate.floats(), expected));
    }
  });
}

std::vector<float> layer_normed(const KernelTable& kernels, ThreadPool& pool, const Batch& x) {
  Batch y(x.rows.rows, x.rows.cols, 99);
  std::fill_n(y.rows.data, y.rows.floats(), kNan);
  const std::vector<float> bias(static_cast<std::size_t>(x.rows.cols), 0.125f);
  layer_norm(pool, kernels, x.rows, y.rows, weights_of(x.rows.cols), bias, 1e-5f);
  return y.floats();
}

TEST_CASE("LayerNorm of any width follows the double reference and zeroes the padding") {
  ThreadPool pool(1);
  for (const int cols : {1, 8, 15, 16, 17, 31, 32, 33, 48, 50, 576, 768, 1000}) {
    Batch x(3, cols, 6);
    for (int i = 0; i < cols; ++i) x.rows.at(1, i) += 5;  // a mean far from 0
    const std::vector<float> weights = weights_of(cols);
    const std::vector<float> y = layer_normed(*runnable_kernel_tables().tables[0], pool, x);
    const Rows result{const_cast<float*>(y.data()), 3, cols};
    for (int row = 0; row < 3; ++row) {
      double mean = 0, variance = 0;
      for (int i = 0; i < cols; ++i) mean += static_cast<double>(x.rows.at(row, i)) / cols;
      for (int i = 0; i < cols; ++i) variance += std::pow(x.rows.at(row, i) - mean, 2) / cols;
      for (int i = 0; i < cols; ++i) {
        const double centred = x.rows.at(row, i) - mean;
        const double expected = centred / std::sqrt(variance + 1e-5) * weights[i] + 0.125;
        REQUIRE(result.at(row, i) == Approx(expected).epsilon(1e-5).margin(2e-5));
      }
      for (int i = cols; i < result.blocks() * Rows::kBlock; ++i) REQUIRE(result.at(row, i) == 0);
    }
  }
}

TEST_CASE("LayerNorm has the same bits for every instruction set and number of threads") {
  ThreadPool one(1), three(3);
  for (const int cols : {8, 50, 576, 2048}) {
    const Batch x(37, cols, 2);
    const std::vector<float> expected = layer_normed(*runnable_kernel_tables().tables[0], one, x);
    for_each_table([&](const KernelTable& kernels) {
      CHECK(same_bits(layer_normed(kernels, one, x), expected));
      CHECK(same_bits(layer_normed(kernels, three, x), expected));
    });
  }
}

double gelu_by_tanh(double x) {
  const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(inner));
}

TEST_CASE("gelu is its tanh form and geglu multiplies it by up, with the same bits everywhere") {
  ThreadPool one(1), three(3);
  const Batch up(41, 1000, 4);
  std::vector<float> expected, expected_alone;
  for_each_table([&](const KernelTable& kernels) {
    for (ThreadPool* pool : {&one, &three}) {
      Batch gate(41, 1000, 3), alone(41, 1000, 3);
      gate.rows.at(0, 0) = alone.rows.at(0, 0) = 80.0f;
      gate.rows.at(0, 1) = alone.rows.at(0, 1) = -80.0f;
      const std::vector<float> before = gate.floats();
      geglu(*pool, kernels, gate.rows, up.rows, gate.rows);
      gelu(*pool, kernels, alone.rows);
      if (expected.empty()) {
        expected = gate.floats();
        expected_alone = alone.floats();
        for (std::size_t i = 0; i < before.size(); ++i) {
          const double reference = gelu_by_tanh(before[i]);
          REQUIRE(expected_alone[i] == Approx(reference).epsilon(2e-6).margin(1e-9));
          REQUIRE(expected[i] == Approx(reference * up.rows.data[i]).epsilon(2e-6).margin(1e-9));
        }
      }
      CHECK(same_bits(gate.floats(), expected));
      CHECK(same_bits(alone.floats(), expected_alone));
    }
  });
}

TEST_CASE("gelu of any finite number is finite, and far out the number itself or nearly nothing") {
  ThreadPool pool(1);
  for_each_table([&](const KernelTable& kernels) {
    Batch x(1, 32, 1);
    const float inputs[] = {3e38f, 1e20f, 100.0f, -100.0f, -1e20f, -3e38f, 0.0f, -0.0f};
    for (int i = 0; i < 8; ++i) x.rows.at(0, i) = inputs[i];
    gelu(pool, kernels, x.rows);
    for (int i = 0; i < 3; ++i) CHECK(x.rows.at(0, i) == inputs[i]);
    for (int i = 3; i < 6; ++i) CHECK(std::fabs(x.rows.at(0, i)) < 3.0f);
    CHECK(x.rows.at(0, 6) == 0.0f);
    CHECK(x.rows.at(0, 7) == 0.0f);
  });
}

TEST_CASE("a bias is added to every row once") {
  ThreadPool pool(3);
  for_each_table([&](const KernelTable& kernels) {
    Batch x(41, 1000, 3);
    std::vector<float> bias(1024, 0.0f);
    for (int i = 0; i < 1000; ++i) bias[i] = testing::random_unit(5, i);
    const Batch before(41, 1000, 3);
    add_bias(pool, kernels, x.rows, bias);
    for (int row = 0; row < 41; ++row) {
      for (int i = 0; i < 1000; ++i) REQUIRE(x.rows.at(row, i) == before.rows.at(row, i) + bias[i]);
    }
  });
}

TEST_CASE("adding rows adds every element once") {
  ThreadPool pool(3);
  for_each_table([&](const KernelTable& kernels) {
    Batch x(41, 1000, 3);
    const Batch y(41, 1000, 4);
    std::vector<float> expected = x.floats();
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += y.rows.data[i];
    add(pool, kernels, x.rows, y.rows);
    CHECK(same_bits(x.floats(), expected));
  });
}

TEST_CASE("every f16 widens exactly and comes back unchanged") {
  std::vector<std::uint16_t> halves;
  for (int h = 0; h < 0x10000; ++h) {
    if ((h & 0x7C00) != 0x7C00) halves.push_back(static_cast<std::uint16_t>(h));
  }
  REQUIRE(halves.size() % 16 == 0);
  for_each_table([&](const KernelTable& kernels) {
    std::vector<float> wide(halves.size());
    std::vector<std::uint16_t> back(halves.size());
    kernels.from_half(halves.data(), wide.data(), halves.size());
    kernels.to_half(wide.data(), back.data(), wide.size());
    for (std::size_t i = 0; i < halves.size(); ++i) {
      if (std::bit_cast<std::uint32_t>(wide[i]) !=
          std::bit_cast<std::uint32_t>(half_to_float(halves[i]))) {
        FAIL("f16 " << halves[i] << " widens to " << wide[i]);
      }
    }
    CHECK(back == halves);
  });
}

TEST_CASE("rounding to f16 goes to nearest even, keeps denormals and clamps what is too large") {
  std::vector<float> values{65504.0f,      65519.9f,
                            65520.0f,      1e30f,
                            -1e30f,        0x1p-24f,
                            0x1p-25f,      0x1.8p-25f,
                            -0.0f,         0x1.ffep-15f,
                            0x1.ffffp-15f, 0x1.002p0f,
                            0x1.006p0f,    std::numeric_limits<float>::infinity()};
  for (std::uint64_t i = 0; i < 20'000; ++i) {  // every binade from 2^-28 to 2^17
    const float scale = std::ldexp(1.0f, static_cast<int>(i % 46) - 28);
    values.push_back(testing::random_unit(9, i) * scale);
  }
  values.resize((values.size() + 15) / 16 * 16);
  for_each_table([&](const KernelTable& kernels) {
    std::vector<std::uint16_t> halves(values.size());
    kernels.to_half(values.data(), halves.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float clamped = std::fmin(std::fmax(values[i], -65504.0f), 65504.0f);
      if (halves[i] != float_to_half(clamped)) FAIL("f16 of " << values[i] << " is " << halves[i]);
    }
  });
}

TEST_CASE("a NaN rounded to f16 stays a NaN of its sign, whatever its payload") {
  std::vector<float> values(16, 1.0f);
  const std::uint32_t nans[] = {0x7FC00000, 0xFFC00000, 0x7F800001, 0xFF802000, 0x7FFFFFFF};
  for (std::size_t i = 0; i < std::size(nans); ++i) values[i] = std::bit_cast<float>(nans[i]);
  for_each_table([&](const KernelTable& kernels) {
    std::uint16_t halves[16];
    float wide[16];
    kernels.to_half(values.data(), halves, 16);
    kernels.from_half(halves, wide, 16);
    for (std::size_t i = 0; i < std::size(nans); ++i) {
      CHECK(std::isnan(half_to_float(halves[i])));
      CHECK(std::isnan(wide[i]));
      CHECK(halves[i] >> 15 == nans[i] >> 31);
    }
    CHECK(wide[5] == 1.0f);
  });
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma"), gnu::noipa]] float scalar_square_minus(float a, float b) {
  return a * a - b;
}
[[gnu::target("avx2,fma"), gnu::noipa]] float vector_square_minus(float a, float b) {
  return _mm_cvtss_f32(_mm_sub_ps(_mm_mul_ps(_mm_set1_ps(a), _mm_set1_ps(a)), _mm_set1_ps(b)));
}

TEST_CASE("the compiler fuses no product with a sum where a machine could") {
  if (!has_isa(Isa::avx2)) PECIA_SKIP("this CPU has no fma to fuse with");
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: the product rounds the last term away, a fused one keeps it.
  CHECK(scalar_square_minus(1 + 0x1p-12f, 1 + 0x1p-11f) == 0.0f);
  CHECK(vector_square_minus(1 + 0x1p-12f, 1 + 0x1p-11f) == 0.0f);
}
#endif

#if defined(__SSE2__)
TEST_CASE("a caller who flushes denormals and rounds to zero gets the same bits") {
  ThreadPool pool(2);
  const std::vector<float> weights = weights_of(96);
  Batch x(5, 96, 6), expected(5, 96, 7), spoiled(5, 96, 7);
  for (int i = 0; i < 96; ++i) x.rows.at(0, i) *= 0x1p-130f;  // a row of denormals
  for_each_table([&](const KernelTable& kernels) {
    rms_norm(pool, kernels, x.rows, expected.rows, weights, 1e-5f);
    swiglu(pool, kernels, expected.rows, x.rows, expected.rows);
    {
      const testing::SpoiledFloatMode mode;
      rms_norm(pool, kernels, x.rows, spoiled.rows, weights, 1e-5f);
      swiglu(pool, kernels, spoiled.rows, x.rows, spoiled.rows);
      CHECK(mode.still_spoiled());
    }
    CHECK(same_bits(spoiled.floats(), expected.floats()));
  });
}
#endif

}  // namespace
