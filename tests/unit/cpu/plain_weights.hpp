#pragma once
// Weights read one at a time straight from a file's bytes, by the published layouts and with no
// code of the project's: what kernels and readers are held against.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/weights/half.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels::testing {

// A quantised weight: scale * code + min. All three are exact in f32 as in double.
struct PlainWeight {
  double scale;
  int code;  // its offset taken off
  double min = 0;
  double value() const { return scale * code + min; }
};

namespace plain {

inline int byte_at(const std::byte* bytes, int index) { return std::to_integer<int>(bytes[index]); }

inline double half_at(const std::byte* bytes) {
  std::uint16_t half;
  std::memcpy(&half, bytes, sizeof half);
  return half_to_float(half);
}

// 32 elements: the codes' low nibbles at `codes`, the fifth bits at `high` (or nullptr).
inline int small_code(const std::byte* codes, const std::byte* high, int k) {
  const int pair = byte_at(codes, k % 16);
  int code = k < 16 ? pair % 16 : pair / 16;
  if (high != nullptr && (byte_at(high, k / 8) >> k % 8) % 2 == 1) {
    code += 16;
  }
  return code;
}

// Twelve bytes hold eight 6-bit scales and eight 6-bit minimums.
inline int six_bits(const std::byte* bytes, int index, bool min) {
  const int shift = min ? 4 : 0;
  if (index < 4) return byte_at(bytes, index + shift) % 64;
  const int low = byte_at(bytes, index + 4) >> shift & 15;
  return low + byte_at(bytes, index - 4 + shift) / 64 * 16;
}

inline PlainWeight q4_k(const std::byte* b, const std::byte* high, const std::byte* codes, int k) {
  const int sub = k / 32;
  const int pair = byte_at(codes, k / 64 * 32 + k % 32);
  int code = sub % 2 == 0 ? pair % 16 : pair / 16;
  if (high != nullptr) code += (byte_at(high, k % 32) >> sub) % 2 * 16;
  return {half_at(b) * six_bits(b + 4, sub, false), code,
          -half_at(b + 2) * six_bits(b + 4, sub, true)};
}

inline PlainWeight q6_k(const std::byte* b, int k) {
  const int in_half = k % 128, quarter = in_half / 32;
  const int low_place = k / 128 * 64 + in_half % 64;
  const int high_place = 128 + k / 128 * 32 + k % 32;
  const int low = byte_at(b, low_place) >> (quarter < 2 ? 0 : 4) & 15;
  const int high = byte_at(b, high_place) >> 2 * quarter & 3;
  const auto factor = static_cast<std::int8_t>(byte_at(b, 192 + k / 16));
  return {half_at(b + 208) * factor, low + 16 * high - 32};
}

}  // namespace plain

// Element k of a row of blocks. REQUIRES a quantised type with a kernel.
inline PlainWeight plain_weight(TensorType type, const std::byte* row, std::size_t k) {
  const TensorTypeTraits& traits = *traits_of(type);
  const std::byte* const b = row + k / traits.block_elements * traits.block_bytes;
  const int i = static_cast<int>(k % traits.block_elements);
  switch (type) {
    case TensorType::q8_0:
      return {plain::half_at(b), static_cast<std::int8_t>(plain::byte_at(b, 2 + i))};
    case TensorType::q4_0:
      return {plain::half_at(b), plain::small_code(b + 2, nullptr, i) - 8};
    case TensorType::q4_1:
      return {plain::half_at(b), plain::small_code(b + 4, nullptr, i), plain::half_at(b + 2)};
    case TensorType::q5_0:
      return {plain::half_at(b), plain::small_code(b + 6, b + 2, i) - 16};
    case TensorType::q5_1:
      return {plain::half_at(b), plain::small_code(b + 8, b + 4, i), plain::half_at(b + 2)};
    case TensorType::q4_k:
      return plain::q4_k(b, nullptr, b + 16, i);
    case TensorType::q5_k:
      return plain::q4_k(b, b + 16, b + 48, i);
    default:
      return plain::q6_k(b, i);
  }
}

// Element k of a row of any type with a kernel, in double.
inline double plain_value(TensorType type, const std::byte* row, std::size_t k) {
  switch (type) {
    case TensorType::f32: {
      float value;
      std::memcpy(&value, row + k * 4, sizeof value);
      return value;
    }
    case TensorType::f16:
      return plain::half_at(row + k * 2);
    case TensorType::bf16: {
      std::byte bytes[4] = {std::byte{0}, std::byte{0}, row[k * 2], row[k * 2 + 1]};
      float value;
      std::memcpy(&value, bytes, sizeof value);
      return value;
    }
    default:
      return plain_weight(type, row, k).value();
  }
}

}  // namespace pecia::kernels::testing
