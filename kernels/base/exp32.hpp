#pragma once
// exp and log of one float, as NUMERICS section 1 names every step: the scalar definition that the
// vector exp equals bit for bit on every float, NaN giving some NaN. Only mul, add, fma and integer
// bits, so no libm and no rounding that differs between machines. Polynomials: Cephes expf.c and
// logf.c (S. L. Moshier). Static: a linker must never pick another file's copy, built for another
// instruction set.

#include <bit>
#include <cmath>
#include <cstdint>

namespace pecia::kernels {

// x above 88 counts as 88; below -87 (and -inf) gives +0; exp32(+-0) = 1. Error <= 8.4e-8.
static inline float exp32(float x) {
  if (x < -87.0f) return 0.0f;
  x = x > 88.0f ? 88.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves an integer in the low bits
  const float t = std::fma(x, 1.44269504088896341f, kRound);
  const float n = t - kRound;
  float r = std::fma(n, -0.693359375f, x);  // ln 2 in two parts: r = x - n ln 2
  r = std::fma(n, 2.12194440e-4f, r);
  float q = 1.9875691500e-4f;
  q = std::fma(q, r, 1.3981999507e-3f);
  q = std::fma(q, r, 8.3334519073e-3f);
  q = std::fma(q, r, 4.1665795894e-2f);
  q = std::fma(q, r, 1.6666665459e-1f);
  q = std::fma(q, r, 5.0000001201e-1f);
  const float y = std::fma(q, r * r, r) + 1.0f;
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(t) + 127u;  // low 9 bits: n + 127
  return y * std::bit_cast<float>(exponent << 23);
}

// Natural logarithm. REQUIRES a positive, finite, normal x. log32(1) = +0.
static inline float log32(float x) {
  constexpr std::uint32_t kHalfRoot = 0x3F3504F3u;  // sqrt(1/2): the mantissa m lies in [it, 2 it)
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) + (0x3F800000u - kHalfRoot);
  const float e = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float f = std::bit_cast<float>((bits & 0x007FFFFFu) + kHalfRoot) - 1.0f;
  const float z = f * f;
  float p = 7.0376836292e-2f;
  p = std::fma(p, f, -1.1514610310e-1f);
  p = std::fma(p, f, 1.1676998740e-1f);
  p = std::fma(p, f, -1.2420140846e-1f);
  p = std::fma(p, f, 1.4249322787e-1f);
  p = std::fma(p, f, -1.6668057665e-1f);
  p = std::fma(p, f, 2.0000714765e-1f);
  p = std::fma(p, f, -2.4999993993e-1f);
  p = std::fma(p, f, 3.3333331174e-1f);
  float y = (f * z) * p;
  y = std::fma(e, -2.12194440e-4f, y);
  y = std::fma(-0.5f, z, y);
  return std::fma(e, 0.693359375f, f + y);
}

}  // namespace pecia::kernels
