#pragma once
// Rows of weights between f32 and the file formats F32, F16, Q8_0 and Q4_0, bit for bit as ggml's
// reference quantisers (ggml-quants.c, quantize_row_*_ref).
//   Q8_0  32 elements: f16 d = amax / 127, then 32 x i8, round half away from zero
//   Q4_0  32 elements: f16 d = extreme / -8, then 16 bytes; low nibble element i, high i + 16
// Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/weights/gguf.hpp"

namespace pecia::kernels {

inline constexpr int kQuantBlock = 32;  // elements that share a scale

struct BlockQ8_0 {
  std::uint16_t scale;  // f16 bits
  std::int8_t codes[kQuantBlock];
};
static_assert(sizeof(BlockQ8_0) == 34);

struct BlockQ4_0 {
  std::uint16_t scale;
  std::uint8_t codes[kQuantBlock / 2];  // value = (nibble - 8) * scale
};
static_assert(sizeof(BlockQ4_0) == 18);

// The four formats above.
bool can_dequantise(TensorType type);

// REQUIRES: can_dequantise(type), values.size() a multiple of the type's block, and
// bytes.size() the row's size in that type.
void dequantise_row(TensorType type, std::span<const std::byte> bytes, std::span<float> values);

// False where a value is not finite or too large for the format; `bytes` is then undefined.
// REQUIRES as above.
[[nodiscard]] bool quantise_row(TensorType type, std::span<const float> values,
                                std::span<std::byte> bytes);

}  // namespace pecia::kernels
