#include "kernels/weights/synth_weights.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "kernels/base/philox.hpp"
#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/half.hpp"
#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

constexpr float kSqrt3 = 1.7320508f;       // half the width of a uniform law of deviation 1
constexpr float kQ8CodeDeviation = 73.3f;  // of -127..127, uniform
constexpr float kQ4CodeDeviation = 4.61f;  // of 16 codes, uniform
constexpr float kQ5CodeDeviation = 9.23f;  // of 32 codes, uniform
// Of code * factor - mean code * another factor, the factors uniform in 32..63.
constexpr float kQ4KDeviation = 243.6f;
constexpr float kQ5KDeviation = 490.5f;
constexpr float kQ6KDeviation = 1807.0f;  // of -32..31 times 64..127 of either sign

PhiloxBlock draw(RandomStream stream, std::uint64_t index) {
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  return philox({low(index), high(index), stream.tensor, 0}, {low(stream.seed), high(stream.seed)});
}

// Uniform in (-1, 1), from 16 bits.
float signed_unit(std::uint32_t bits) {
  return (static_cast<float>(bits & 0xFFFFu) + 0.5f) / 32'768.0f - 1.0f;
}

// A block's scale: `scale` times 0.75 to 1.25.
float varied(float scale, std::uint32_t bits) { return scale * (1.0f + 0.25f * signed_unit(bits)); }

// -- one unit of a format -------------------------------------------------------------------------

using Unit = std::array<std::byte, sizeof(BlockQ6_K)>;  // the largest

void draw_f32(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  const PhiloxBlock words = draw(stream, index);
  std::array<float, 4> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = kSqrt3 * deviation * (static_cast<float>(words[i] >> 8) * 0x1.0p-23f - 1.0f);
  }
  std::memcpy(unit.data(), values.data(), sizeof values);
}

void draw_f16(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  const PhiloxBlock words = draw(stream, index);
  std::array<std::uint16_t, 8> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t bits = words[i / 2] >> (i % 2 * 16);
    values[i] = float_to_half(kSqrt3 * deviation * signed_unit(bits));
  }
  std::memcpy(unit.data(), values.data(), sizeof values);
}

void draw_bf16(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  const PhiloxBlock words = draw(stream, index);
  std::array<std::uint16_t, 8> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t bits = words[i / 2] >> (i % 2 * 16);
    values[i] = float_to_bfloat(kSqrt3 * deviation * signed_unit(bits));
  }
  std::memcpy(unit.data(), values.data(), sizeof values);
}

void draw_q8_0(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  const std::array<PhiloxBlock, 3> words{draw(stream, index * 3), draw(stream, index * 3 + 1),
                                         draw(stream, index * 3 + 2)};
  BlockQ8_0 block;
  std::memcpy(block.codes, words.data(), sizeof block.codes);
  for (std::int8_t& code : block.codes) code = std::max<std::int8_t>(code, -127);
  block.scale = float_to_half(varied(deviation / kQ8CodeDeviation, words[2][0]));
  std::memcpy(unit.data(), &block, sizeof block);
}

// The codes' mean is -1/2: scales of both signs take it out of the weights.
void draw_q4_0(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  const std::array<PhiloxBlock, 2> words{draw(stream, index * 2), draw(stream, index * 2 + 1)};
  BlockQ4_0 block;
  std::memcpy(block.codes, words.data(), sizeof block.codes);
  const float scale = varied(deviation / kQ4CodeDeviation, words[1][0]);
  block.scale = float_to_half(words[1][0] >> 31 != 0 ? -scale : scale);
  std::memcpy(unit.data(), &block, sizeof block);
}

// A whole block of random bits; returns as many more as its scales need.
template <class Block>
std::uint32_t draw_bits(RandomStream stream, std::uint64_t index, Block& block) {
  constexpr std::uint64_t kBytes = sizeof(Block), kDrawBytes = sizeof(PhiloxBlock);
  constexpr std::uint64_t kDraws = kBytes / kDrawBytes + 1;
  std::array<PhiloxBlock, kDraws> words;
  for (std::uint64_t i = 0; i < kDraws; ++i) words[i] = draw(stream, index * kDraws + i);
  std::memcpy(&block, words.data(), sizeof block);
  return words.back().back();
}

// Codes of either sign have a mean of -1/2: scales of both signs take it out of the weights.
template <class Block>
void set_signed_scale(float scale, std::uint32_t bits, Block& block) {
  const float size = varied(scale, bits);
  block.scale = float_to_half(bits >> 31 != 0 ? -size : size);
}

// The minimum takes out what the codes' mean would add.
template <class Block>
void set_scale_and_min(float scale, float mean_code, std::uint32_t bits, Block& block) {
  const float size = varied(scale, bits);
  block.scale = float_to_half(size);
  block.min = float_to_half(kIsGrouped<Block> ? mean_code * size : -mean_code * size);
}

void draw_q5_0(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  BlockQ5_0 block;
  const std::uint32_t bits = draw_bits(stream, index, block);
  set_signed_scale(deviation / kQ5CodeDeviation, bits, block);
  std::memcpy(unit.data(), &block, sizeof block);
}

template <class Block>
void draw_with_min(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  constexpr bool kFiveBits = requires(Block b) { b.high; };
  Block block;
  const std::uint32_t bits = draw_bits(stream, index, block);
  float per_scale = kFiveBits ? kQ5CodeDeviation : kQ4CodeDeviation;
  if constexpr (kIsGrouped<Block>) {
    per_scale = kFiveBits ? kQ5KDeviation : kQ4KDeviation;
    for (int i = 0; i < 8; ++i) block.factors[i] |= 0xA0;  // every factor at least 32
  }
  set_scale_and_min(deviation / per_scale, kFiveBits ? 15.5f : 7.5f, bits, block);
  std::memcpy(unit.data(), &block, sizeof block);
}

void draw_q6_k(float deviation, RandomStream stream, std::uint64_t index, Unit& unit) {
  BlockQ6_K block;
  const std::uint32_t bits = draw_bits(stream, index, block);
  for (std::int8_t& factor : block.factors) {
    const int size = 64 + (factor & 63);
    factor = static_cast<std::int8_t>(factor < 0 ? -size : size);
  }
  set_signed_scale(deviation / kQ6KDeviation, bits, block);
  std::memcpy(unit.data(), &block, sizeof block);
}

template <class Draw>
void fill_units(Draw draw_unit, std::size_t unit_bytes, std::uint64_t index,
                std::span<std::byte> bytes) {
  Unit unit;
  for (; !bytes.empty(); ++index) {
    draw_unit(index, unit);
    const std::size_t size = std::min(unit_bytes, bytes.size());
    std::memcpy(bytes.data(), unit.data(), size);
    bytes = bytes.subspan(size);
  }
}

}  // namespace

std::size_t synth_unit_bytes(TensorType type) {
  const TensorTypeTraits& traits = *traits_of(type);
  return traits.block_elements > 1 ? traits.block_bytes : sizeof(PhiloxBlock);
}

void fill_weights(TensorType type, float deviation, RandomStream stream, std::uint64_t first_unit,
                  std::span<std::byte> bytes) {
  assert(can_dequantise(type));
  const auto fill = [&](auto draw_unit) {
    const auto bound = [&](std::uint64_t index, Unit& unit) {
      draw_unit(deviation, stream, index, unit);
    };
    fill_units(bound, synth_unit_bytes(type), first_unit, bytes);
  };
  switch (type) {
    case TensorType::f16:
      return fill(draw_f16);
    case TensorType::bf16:
      return fill(draw_bf16);
    case TensorType::q8_0:
      return fill(draw_q8_0);
    case TensorType::q4_0:
      return fill(draw_q4_0);
    case TensorType::q4_1:
      return fill(draw_with_min<BlockQ4_1>);
    case TensorType::q5_0:
      return fill(draw_q5_0);
    case TensorType::q5_1:
      return fill(draw_with_min<BlockQ5_1>);
    case TensorType::q4_k:
      return fill(draw_with_min<BlockQ4_K>);
    case TensorType::q5_k:
      return fill(draw_with_min<BlockQ5_K>);
    case TensorType::q6_k:
      return fill(draw_q6_k);
    default:
      return fill(draw_f32);
  }
}

std::vector<float> synth_norm(RandomStream stream, std::size_t count) {
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) {
    weights[i] = 1.0f + 0.5f * signed_unit(draw(stream, i / 4)[i % 4]);
  }
  return weights;
}

}  // namespace pecia::kernels
