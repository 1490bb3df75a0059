#include "kernels/weights/quantise.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/blocks.hpp"
#include "kernels/weights/half.hpp"

namespace pecia::kernels {
namespace {

// -- one block ------------------------------------------------------------------------------------

bool all_finite(std::span<const float> values) {
  std::uint32_t largest = 0;  // magnitudes compare as their bits do; infinity and NaN are on top
  for (const float value : values) {
    largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFFu);
  }
  return largest < 0x7F800000u;
}

// The nearest f16; false where that is not finite.
bool to_finite_half(float value, std::uint16_t& bits) {
  bits = float_to_half(value);
  return (bits & 0x7C00u) != 0x7C00u;
}

float inverse(float scale) { return scale != 0 ? 1.0f / scale : 0.0f; }

bool encode(std::span<const float> values, BlockQ8_0& block) {
  float amax = 0;
  for (const float value : values) amax = std::max(amax, std::fabs(value));
  const float scale = amax / 127.0f;
  // A denormal scale has an infinite inverse; ggml then stores whatever the cast gives. Zero is
  // what every such value rounds to in f16.
  const float factor = std::isinf(inverse(scale)) ? 0.0f : inverse(scale);
  for (std::size_t i = 0; i < values.size(); ++i) {
    block.codes[i] = static_cast<std::int8_t>(std::round(values[i] * factor));
  }
  return to_finite_half(scale, block.scale);
}

bool encode(std::span<const float> values, BlockQ4_0& block) {
  float extreme = 0;  // the value of largest magnitude, its sign kept; the first among equals
  for (const float value : values) {
    if (std::fabs(value) > std::fabs(extreme)) extreme = value;
  }
  const float scale = extreme / -8.0f;
  const float factor = std::isinf(inverse(scale)) ? 0.0f : inverse(scale);
  const auto nibble = [factor](float value) {
    return static_cast<std::uint8_t>(std::min(15, static_cast<int>(value * factor + 8.5f)));
  };
  for (std::size_t i = 0; i < kQuantBlock / 2; ++i) {
    const int high = nibble(values[i + kQuantBlock / 2]) << 4;
    block.codes[i] = static_cast<std::uint8_t>(nibble(values[i]) | high);
  }
  return to_finite_half(scale, block.scale);
}

// -- one row --------------------------------------------------------------------------------------

template <class Block>
bool encode_row(std::span<const float> values, std::span<std::byte> bytes) {
  assert(values.size() % kQuantBlock == 0);
  assert(bytes.size() == values.size() / kQuantBlock * sizeof(Block));
  for (; !values.empty(); values = values.subspan(kQuantBlock)) {
    Block block;
    if (!encode(values.first(kQuantBlock), block)) return false;
    std::memcpy(bytes.data(), &block, sizeof block);
    bytes = bytes.subspan(sizeof block);
  }
  return true;
}

bool encode_f16(std::span<const float> values, std::span<std::byte> bytes) {
  assert(bytes.size() == values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    if (!to_finite_half(values[i], half)) return false;
    std::memcpy(bytes.data() + i * sizeof half, &half, sizeof half);
  }
  return true;
}

bool encode_bf16(std::span<const float> values, std::span<std::byte> bytes) {
  assert(bytes.size() == values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t bfloat = float_to_bfloat(values[i]);
    if ((bfloat & 0x7F80u) == 0x7F80u) return false;
    std::memcpy(bytes.data() + i * sizeof bfloat, &bfloat, sizeof bfloat);
  }
  return true;
}

}  // namespace

bool can_quantise(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::bf16 ||
         type == TensorType::q8_0 || type == TensorType::q4_0;
}

bool quantise_row(TensorType type, std::span<const float> values, std::span<std::byte> bytes) {
  assert(can_quantise(type));
  if (!all_finite(values)) return false;
  switch (type) {
    case TensorType::f16:
      return encode_f16(values, bytes);
    case TensorType::bf16:
      return encode_bf16(values, bytes);
    case TensorType::q8_0:
      return encode_row<BlockQ8_0>(values, bytes);
    case TensorType::q4_0:
      return encode_row<BlockQ4_0>(values, bytes);
    default:
      assert(bytes.size() == values.size_bytes());
      std::memcpy(bytes.data(), values.data(), values.size_bytes());
      return true;
  }
}

}  // namespace pecia::kernels
