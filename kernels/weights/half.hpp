#pragma once
// IEEE binary16 to and from binary32 by integer arithmetic alone: round to nearest even, denormals
// kept, so the result does not depend on the CPU, its float mode or the compiler.

#include <bit>
#include <cstdint>

namespace pecia::kernels {

inline constexpr float kHalfMax = 65'504.0f;  // largest finite value

// Exact: every f16 is an f32. NaN stays NaN, its payload kept.
constexpr float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1Fu;
  const std::uint32_t mantissa = half & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  if (mantissa == 0) return std::bit_cast<float>(sign);
  // Denormal: mantissa * 2^-24, made normal by moving its leading one to bit 10.
  const auto shift = static_cast<std::uint32_t>(std::countl_zero(mantissa)) - 21;
  const std::uint32_t fraction = (mantissa << shift) & 0x3FFu;
  return std::bit_cast<float>(sign | (113 - shift) << 23 | fraction << 13);
}

// Round to nearest even; beyond the range infinity; NaN becomes a quiet NaN of the same sign.
constexpr std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  const auto half = [sign](std::uint32_t rest) { return static_cast<std::uint16_t>(sign | rest); };
  // Adds just under half a unit of the last kept place, plus that place's own lowest bit.
  const auto round_off = [](std::uint32_t v, std::uint32_t dropped) {
    return (v + (1u << (dropped - 1)) - 1 + ((v >> dropped) & 1u)) >> dropped;
  };
  if (magnitude > 0x7F800000u) return half(0x7E00u);   // NaN
  if (magnitude >= 0x47800000u) return half(0x7C00u);  // 65,536 and more, infinity
  if (magnitude >= 0x38800000u) return half(round_off(magnitude - (112u << 23), 13));
  if (magnitude < 0x33000000u) return half(0);  // below 2^-25
  const std::uint32_t significand = (magnitude & 0x7FFFFFu) | 0x800000u;
  return half(round_off(significand, 126 - (magnitude >> 23)));  // units of 2^-24
}

}  // namespace pecia::kernels
