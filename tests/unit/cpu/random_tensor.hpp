#pragma once
// Random weights in the formats of a GGUF file and random or poisoned memory, for kernel tests and
// benchmarks.

#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/base/philox.hpp"
#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/weights/blocks.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels::testing {

struct OwnedTensor {
  std::vector<std::byte> bytes;
  Tensor tensor;
};

inline float random_unit(std::uint64_t seed, std::uint64_t index) {  // in [-1, 1)
  return static_cast<float>(unit_double(philox64(seed, index, 0)) * 2 - 1);
}

// Where a block of a format has f16 numbers: its scale, or the scale and the minimum.
inline std::vector<std::size_t> half_places(TensorType type) {
  switch (type) {
    case TensorType::q4_1:
    case TensorType::q5_1:
    case TensorType::q4_k:
    case TensorType::q5_k:
      return {0, 2};
    case TensorType::q6_k:
      return {sizeof(BlockQ6_K) - 2};
    default:
      return {0};
  }
}

// Exponent 2^-7..2^-4, any mantissa; the sign stays random.
inline std::uint16_t with_middling_exponent(TensorType type, std::uint16_t half, std::size_t b) {
  const auto step = static_cast<unsigned>(b % 4);
  if (type == TensorType::bf16)
    return static_cast<std::uint16_t>((half & 0x807F) | (120 + step) << 7);
  return static_cast<std::uint16_t>((half & 0x83FF) | (8 + step) << 10);
}

// Codes over their whole range (-128 included), f16 scales around 2^-6.
inline OwnedTensor random_tensor(TensorType type, int outputs, int inputs, std::uint64_t seed) {
  const TensorTypeTraits& traits = *traits_of(type);
  const std::size_t blocks = static_cast<std::size_t>(outputs) * inputs / traits.block_elements;
  OwnedTensor owned;
  owned.bytes.resize(blocks * traits.block_bytes);
  for (std::size_t i = 0; i < owned.bytes.size(); i += 8) {
    const std::uint64_t bits = philox64(seed, i, 0);
    std::memcpy(&owned.bytes[i], &bits, std::min<std::size_t>(8, owned.bytes.size() - i));
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    std::byte* const block = &owned.bytes[b * traits.block_bytes];
    if (type == TensorType::f32) {
      const float value = random_unit(seed, b);
      std::memcpy(block, &value, 4);
      continue;
    }
    for (const std::size_t place : half_places(type)) {
      std::uint16_t half;
      std::memcpy(&half, block + place, 2);
      half = with_middling_exponent(type, half, b);
      std::memcpy(block + place, &half, 2);
    }
  }
  owned.tensor.name = "random";
  owned.tensor.type = type;
  owned.tensor.shape = {static_cast<std::uint64_t>(inputs), static_cast<std::uint64_t>(outputs)};
  owned.tensor.bytes = owned.bytes;
  return owned;
}

// Values over many binades, one in 97 eight times as large, padding columns zero.
inline void fill_random(const Rows& x, std::uint64_t seed) {
  for (int row = 0; row < x.rows; ++row) {
    for (int col = 0; col < x.blocks() * Rows::kBlock; ++col) {
      const auto index = static_cast<std::uint64_t>(row) * 1'000'003 + col;
      const float outlier = index % 97 == 0 ? 8.0f : 1.0f;
      x.block(col / 32, row)[col % 32] = col < x.cols ? random_unit(seed, index) * outlier : 0.0f;
    }
  }
}

// NaN as f32 and as f16, -1 as a code: what nobody wrote must not be read.
inline void poison(const AlignedBuffer& memory) {
  if (memory.bytes() > 0) std::memset(memory.data(), 0xFF, memory.bytes());
}

}  // namespace pecia::kernels::testing
