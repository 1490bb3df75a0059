#include "kernels/weights/quantise.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/plain_weights.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

using namespace pecia::kernels;
namespace testing = pecia::kernels::testing;

namespace {

std::vector<std::byte> quantised(TensorType type, const std::vector<float>& values) {
  const std::uint64_t shape[] = {values.size()};
  std::vector<std::byte> bytes(tensor_bytes(type, shape).value());
  REQUIRE(quantise_row(type, values, bytes));
  return bytes;
}

std::vector<float> restored(TensorType type, const std::vector<std::byte>& bytes,
                            std::size_t count) {
  std::vector<float> values(count);
  dequantise_row(type, bytes, values);
  return values;
}

template <class Block>
Block block_of(const std::vector<std::byte>& bytes) {
  REQUIRE(bytes.size() == sizeof(Block));
  Block block;
  std::memcpy(&block, bytes.data(), sizeof block);
  return block;
}

// Numbers of many magnitudes, some of them 0: mantissa and exponent drawn apart.
std::vector<float> wide_values(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bits = philox64(7, i, 0);
    const auto fraction = static_cast<float>(2 * unit_double(bits) - 1);
    values[i] = bits % 16 == 0 ? 0.0f : std::ldexp(fraction, static_cast<int>(bits % 9) - 4);
  }
  return values;
}

std::string digest(const std::vector<std::byte>& bytes) { return hex(xxh3_128(bytes)); }

constexpr TensorType kTypes[] = {TensorType::f32, TensorType::f16, TensorType::bf16,
                                 TensorType::q8_0, TensorType::q4_0};
constexpr TensorType kReadable[] = {TensorType::f32,  TensorType::f16,  TensorType::bf16,
                                    TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                    TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                    TensorType::q5_k, TensorType::q6_k};

}  // namespace

TEST_CASE("Q8_0 scales by the largest magnitude and rounds halves away from zero") {
  std::vector<float> values(32, 0.0f);
  values[0] = -127;
  values[1] = 126.5f;
  values[2] = -0.5f;
  values[3] = 0.49f;
  const auto block = block_of<BlockQ8_0>(quantised(TensorType::q8_0, values));
  CHECK(half_to_float(block.scale) == 1.0f);
  CHECK(block.codes[0] == -127);
  CHECK(block.codes[1] == 127);
  CHECK(block.codes[2] == -1);
  CHECK(block.codes[3] == 0);
}

TEST_CASE("Q4_0 gives the extreme value code 0 and packs element i beside element i + 16") {
  std::vector<float> values(32, 0.0f);
  values[0] = 8;   // the extreme: scale -1
  values[1] = -8;  // would be code 16: clamped to 15
  values[16] = 1;  // code 7
  values[17] = -2;
  const auto block = block_of<BlockQ4_0>(quantised(TensorType::q4_0, values));
  CHECK(half_to_float(block.scale) == -1.0f);
  CHECK(block.codes[0] == (7 << 4 | 0));
  CHECK(block.codes[1] == (10 << 4 | 15));
  CHECK(block.codes[2] == (8 << 4 | 8));
  CHECK(restored(TensorType::q4_0, quantised(TensorType::q4_0, values), 32)[17] == -2.0f);
}

TEST_CASE("quantised rows are ggml's, bit for bit") {
  // Digests of quantize_row_q8_0_ref and quantize_row_q4_0_ref (ggml-quants.c) on the same numbers.
  const std::vector<float> values = wide_values(32 * 4'096);
  CHECK(digest(quantised(TensorType::q8_0, values)) == "f1184fa79341c1d8186ff1e0b256a5c0");
  CHECK(digest(quantised(TensorType::q4_0, values)) == "b05b65c1678bb8bc36ea2b55da0c40b5");
}

TEST_CASE("what a format can hold exactly survives the round trip") {
  std::vector<float> values(64);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 16) - 8;
  for (const TensorType type : kTypes) {
    if (type == TensorType::q8_0) continue;  // -8..7 are no multiples of 8/127
    CHECK(restored(type, quantised(type, values), values.size()) == values);
  }
  std::vector<float> steps(32);  // whole multiples of 127 / 127
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<float>(i * 8) - 127;
  CHECK(restored(TensorType::q8_0, quantised(TensorType::q8_0, steps), steps.size()) == steps);
}

TEST_CASE("rounding errors stay within half a step, the scale's own rounding included") {
  const std::vector<float> values = wide_values(32 * 256);
  const auto q8 = restored(TensorType::q8_0, quantised(TensorType::q8_0, values), values.size());
  const auto q4 = restored(TensorType::q4_0, quantised(TensorType::q4_0, values), values.size());
  for (std::size_t block = 0; block < values.size(); block += 32) {
    float amax = 0;
    for (std::size_t i = block; i < block + 32; ++i) amax = std::max(amax, std::fabs(values[i]));
    for (std::size_t i = block; i < block + 32; ++i) {
      REQUIRE(std::fabs(q8[i] - values[i]) <= amax * (0.5f / 127 + 0x1p-11f));
      REQUIRE(std::fabs(q4[i] - values[i]) <= amax * (1.0f / 8 + 0x1p-11f));  // a clamped 16: 1
    }
  }
}

TEST_CASE("zeros and magnitudes below every scale become zeros") {
  for (const float tiny : {0.0f, -0.0f, 1e-45f, -1e-39f, 1e-12f}) {
    const std::vector<float> values(32, tiny);
    for (const TensorType type : {TensorType::q8_0, TensorType::q4_0}) {
      for (const float value : restored(type, quantised(type, values), 32)) REQUIRE(value == 0.0f);
    }
  }
}

TEST_CASE("values that are not finite, or too large for a format, are refused") {
  std::vector<std::byte> bytes(4 * 32);
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    std::vector<float> values(32, 1.0f);
    values[31] = bad;
    CHECK(!quantise_row(TensorType::f32, values, bytes));
    CHECK(!quantise_row(TensorType::f16, values, std::span(bytes).first(64)));
    CHECK(!quantise_row(TensorType::q8_0, values, std::span(bytes).first(34)));
    CHECK(!quantise_row(TensorType::q4_0, values, std::span(bytes).first(18)));
  }
  const std::vector<float> large(32, 65'520.0f);
  CHECK(!quantise_row(TensorType::f16, large, std::span(bytes).first(64)));
  CHECK(quantise_row(TensorType::q8_0, large, std::span(bytes).first(34)));
  const std::vector<float> huge(32, 1e7f);
  CHECK(!quantise_row(TensorType::q8_0, huge, std::span(bytes).first(34)));
  CHECK(!quantise_row(TensorType::q4_0, huge, std::span(bytes).first(18)));
}

TEST_CASE("a scale that is NaN dequantises to NaN and harms nothing else") {
  BlockQ8_0 block{0x7E00, {1}};
  std::vector<std::byte> bytes(sizeof block);
  std::memcpy(bytes.data(), &block, sizeof block);
  CHECK(std::isnan(restored(TensorType::q8_0, bytes, 32)[0]));
}

TEST_CASE("the extreme codes of a foreign file dequantise exactly") {
  BlockQ8_0 block{float_to_half(0x1p-24f), {-128, 127}};
  std::vector<std::byte> bytes(sizeof block);
  std::memcpy(bytes.data(), &block, sizeof block);
  const auto values = restored(TensorType::q8_0, bytes, 32);
  CHECK(values[0] == -128 * 0x1p-24f);
  CHECK(values[1] == 127 * 0x1p-24f);
}

TEST_CASE("every readable format gives the weights that its published layout says") {
  for (const TensorType type : kReadable) {
    REQUIRE(can_dequantise(type));
    const auto tensor = testing::random_tensor(type, 5, 1024, 17);
    std::vector<float> row(1024);
    for (std::uint64_t r = 0; r < 5; ++r) {
      const std::byte* const bytes = &tensor.bytes[r * tensor.tensor.row_bytes()];
      dequantise_row(type, std::span(bytes, tensor.tensor.row_bytes()), row);
      for (std::size_t k = 0; k < row.size(); ++k) {
        INFO(traits_of(type)->name << " row " << r << " element " << k);
        REQUIRE(row[k] == static_cast<float>(testing::plain_value(type, bytes, k)));
      }
    }
  }
  CHECK(!can_dequantise(TensorType::q3_k));
  CHECK(!can_quantise(TensorType::q4_k));
}

TEST_CASE("a weight without a minimum keeps the sign of its zero") {
  BlockQ5_0 block{float_to_half(-0.5f), {}, {}};
  block.high[0] = block.high[1] = block.high[2] = block.high[3] = 0xFF;  // all codes 16: zero
  std::vector<std::byte> bytes(sizeof block);
  std::memcpy(bytes.data(), &block, sizeof block);
  CHECK(std::signbit(restored(TensorType::q5_0, bytes, 32)[0]));
}

TEST_CASE("bf16 rounds to nearest even, keeps denormals, and NaN stays NaN") {
  CHECK(float_to_bfloat(1.0f) == 0x3F80);
  CHECK(float_to_bfloat(0x1.01p0f) == 0x3F80);      // a tie: to even
  CHECK(float_to_bfloat(0x1.03p0f) == 0x3F82);      // a tie: to even, upwards
  CHECK(float_to_bfloat(0x1.010002p0f) == 0x3F81);  // above the tie
  CHECK(float_to_bfloat(-0.0f) == 0x8000);
  CHECK(float_to_bfloat(0x1p-133f) == 0x0001);
  CHECK(float_to_bfloat(0x1p-134f) == 0x0000);
  CHECK(float_to_bfloat(INFINITY) == 0x7F80);
  CHECK(float_to_bfloat(0x1.ffp127f) == 0x7F80);
  CHECK(std::isnan(bfloat_to_float(float_to_bfloat(std::bit_cast<float>(0x7F800001u)))));
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!std::isnan(bfloat_to_float(half))) REQUIRE(float_to_bfloat(bfloat_to_float(half)) == half);
  }
  std::vector<std::byte> bytes(2);
  CHECK(!quantise_row(TensorType::bf16, std::vector<float>{0x1.ffp127f}, bytes));
}
