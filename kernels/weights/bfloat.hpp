#pragma once
// bfloat16, the upper half of a binary32, by integer arithmetic alone: see half.hpp.

#include <bit>
#include <cstdint>

namespace pecia::kernels {

// Exact: every bf16 is an f32. NaN stays NaN, its payload kept.
constexpr float bfloat_to_float(std::uint16_t bfloat) {
  return std::bit_cast<float>(std::uint32_t{bfloat} << 16);
}

// Round to nearest even, denormals kept; beyond the range infinity; NaN becomes quiet.
constexpr std::uint16_t float_to_bfloat(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace pecia::kernels
