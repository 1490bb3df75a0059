#pragma once
// Sixteen float lanes as an array, for any CPU. Same names and same bits as vec_avx512.hpp, where
// the rules are written down.

#include <cstdint>

#include "kernels/weights/half.hpp"

namespace pecia::kernels {
namespace {

constexpr int kLanes = 16;
constexpr int kVecTileRows = 2;  // arrays live in memory: larger tiles gain nothing
constexpr int kVecTileCols = 1;

struct Vec {
  float lane[kLanes];
};
struct IntVec {
  std::int32_t lane[kLanes];
};
struct Mask {
  bool lane[kLanes];
};

// -- exact scalar pieces

inline std::uint32_t float_bits(float x) { return __builtin_bit_cast(std::uint32_t, x); }
inline float float_of_bits(std::uint32_t bits) { return __builtin_bit_cast(float, bits); }

// a * b + c rounded once without FMA hardware. The double product is exact, the double sum may not
// be. Rounding it once more, to float, goes wrong only where it lies on a tie of float: there the
// last bit is made odd in the direction of the error, which tells on which side the true value is
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
// rounding to odd", 2008). Below the normal floats ties lie elsewhere, so those all go that way.
inline float exact_fma(float a, float b, float c) {
  constexpr std::uint64_t kBelowFloat = (std::uint64_t{1} << 29) - 1;  // bits float cannot hold
  constexpr std::uint64_t kTie = std::uint64_t{1} << 28;
  const double product = static_cast<double>(a) * static_cast<double>(b);
  const double addend = static_cast<double>(c);
  const double sum = product + addend;
  std::uint64_t bits = __builtin_bit_cast(std::uint64_t, sum);
  if ((bits & kBelowFloat) != kTie && __builtin_fabs(sum) >= 0x1.0p-126) {
    return static_cast<float>(sum);
  }
  const double part = sum - product;
  const double error = (product - (sum - part)) + (addend - part);
  const bool inexact = error < 0 || error > 0;  // false for the NaN of infinite operands
  if (inexact && (bits & 1) == 0) {
    const bool away_from_zero = (error > 0) == (sum > 0);
    bits = away_from_zero ? bits + 1 : bits - 1;
  }
  return static_cast<float>(__builtin_bit_cast(double, bits));
}

inline float fused(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fmaf(a, b, c);
#else
  return exact_fma(a, b, c);
#endif
}

// As half_to_float(), but without branches: lanes of a product loop run side by side.
inline float float_of_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  // The f16 fields read as a float are 2^112 too small, denormals included; scaling is exact.
  const float magnitude =
      float_of_bits(static_cast<std::uint32_t>(half & 0x7FFFu) << 13) * 0x1.0p112f;
  const std::uint32_t infinite = magnitude >= 65536.0f ? 0x7F800000u : 0u;
  return float_of_bits(float_bits(magnitude) | infinite | sign);
}

inline std::uint16_t half_of_float(float x) {  // nearest even, clamped to +-65504; NaN stays NaN
  return float_to_half(x > kHalfMax ? kHalfMax : x < -kHalfMax ? -kHalfMax : x);
}

// -- lanes

// Unrolled, so that lanes become scalars: as arrays in memory, copies would wait for single stores.
template <class Result, class Lane>
[[gnu::always_inline]] inline Result each_lane(Lane lane_value) {
  Result result;
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) result.lane[i] = lane_value(i);
  return result;
}

inline Vec load(const float* p) {
  return each_lane<Vec>([&](int i) { return p[i]; });
}
inline void store(float* p, const Vec& a) {
  for (int i = 0; i < kLanes; ++i) p[i] = a.lane[i];
}
inline Vec set1(float x) {
  return each_lane<Vec>([&](int) { return x; });
}
inline Vec zero() { return set1(0.0f); }

inline Vec add(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] + b.lane[i]; });
}
inline Vec sub(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] - b.lane[i]; });
}
inline Vec mul(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] * b.lane[i]; });
}
inline Vec div(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] / b.lane[i]; });
}
inline Vec sqrt(const Vec& a) {
  return each_lane<Vec>([&](int i) { return __builtin_sqrtf(a.lane[i]); });
}
inline Vec fma(const Vec& a, const Vec& b, const Vec& c) {
  return each_lane<Vec>([&](int i) { return fused(a.lane[i], b.lane[i], c.lane[i]); });
}
inline Vec neg(const Vec& a) {
  return each_lane<Vec>([&](int i) { return -a.lane[i]; });
}
inline Vec max(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline Vec min(const Vec& a, const Vec& b) {
  return each_lane<Vec>([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}

inline Mask less(const Vec& a, const Vec& b) {
  return each_lane<Mask>([&](int i) { return a.lane[i] < b.lane[i]; });
}
inline Mask first_lanes(int n) {
  return each_lane<Mask>([&](int i) { return i < n; });
}
inline Vec select(const Mask& m, const Vec& yes, const Vec& no) {
  return each_lane<Vec>([&](int i) { return m.lane[i] ? yes.lane[i] : no.lane[i]; });
}
inline Vec load_first(const float* p, int n) {
  return each_lane<Vec>([&](int i) { return i < n ? p[i] : 0.0f; });
}
inline void store_first(float* p, int n, const Vec& a) {
  for (int i = 0; i < kLanes && i < n; ++i) p[i] = a.lane[i];
}

// Integer lanes wrap around, as the vector instructions do.
inline std::int32_t wrapped(std::uint32_t bits) { return static_cast<std::int32_t>(bits); }
inline std::uint32_t word(std::int32_t lane) { return static_cast<std::uint32_t>(lane); }

inline IntVec set1_int(std::int32_t x) {
  return each_lane<IntVec>([&](int) { return x; });
}
inline IntVec bits_of(const Vec& a) {
  return each_lane<IntVec>([&](int i) { return wrapped(float_bits(a.lane[i])); });
}
inline Vec vec_of_bits(const IntVec& a) {
  return each_lane<Vec>([&](int i) { return float_of_bits(word(a.lane[i])); });
}
inline IntVec add(const IntVec& a, const IntVec& b) {
  return each_lane<IntVec>([&](int i) { return wrapped(word(a.lane[i]) + word(b.lane[i])); });
}
template <int kBits>
inline IntVec shift_left(const IntVec& a) {
  return each_lane<IntVec>([&](int i) { return wrapped(word(a.lane[i]) << kBits); });
}

inline Vec load_half(const std::uint16_t* p) {
  return each_lane<Vec>([&](int i) { return float_of_half(p[i]); });
}
inline Vec load_bfloat(const std::uint16_t* p) {
  return each_lane<Vec>([&](int i) { return float_of_bits(std::uint32_t{p[i]} << 16); });
}
inline void store_half(std::uint16_t* p, const Vec& a) {
  for (int i = 0; i < kLanes; ++i) p[i] = half_of_float(a.lane[i]);
}

inline float tree_sum(Vec a) {
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) a.lane[i] += a.lane[i + width];
  }
  return a.lane[0];
}
inline float tree_max(Vec a) {
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) {
      a.lane[i] = a.lane[i] > a.lane[i + width] ? a.lane[i] : a.lane[i + width];
    }
  }
  return a.lane[0];
}

}  // namespace
}  // namespace pecia::kernels
