#pragma once
// Sixteen float lanes as one AVX-512 register. The operations of vec_avx2.hpp and vec_portable.hpp
// have the same names and the same bits; all are correctly rounded single operations. Everything
// lies in an anonymous namespace: no copy compiled for this instruction set may escape the file
// that includes it.

#include <immintrin.h>

#include <cstdint>

namespace pecia::kernels {
namespace {

constexpr int kLanes = 16;
// Rows and Vecs of the largest register tile of a float product: accumulators, operands and one
// broadcast together fit the register file (32 of one Vec each).
constexpr int kVecTileRows = 8;
constexpr int kVecTileCols = 2;

struct Vec {
  __m512 v;
};
struct IntVec {  // sixteen int32 lanes
  __m512i v;
};
struct Mask {
  __mmask16 v;
};

inline Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void store(float* p, Vec a) { _mm512_storeu_ps(p, a.v); }
inline Vec set1(float x) { return {_mm512_set1_ps(x)}; }
inline Vec zero() { return {_mm512_setzero_ps()}; }

inline Vec add(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec sub(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec mul(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec div(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }  // a * b + c
inline Vec neg(Vec a) { return {_mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f))}; }
// a > b ? a : b and a < b ? a : b: the second operand where they compare equal or one is NaN, so
// a bound is the first operand wherever a NaN must survive.
inline Vec max(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec min(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }

inline Mask less(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Mask first_lanes(int n) {  // lanes 0..n-1; n may lie outside 0..16
  return {_mm512_cmplt_epi32_mask(
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
      _mm512_set1_epi32(n))};
}
inline Vec select(Mask m, Vec yes, Vec no) { return {_mm512_mask_blend_ps(m.v, no.v, yes.v)}; }
// Touch only the n first floats behind p; the other lanes of a load are +0.
inline Vec load_first(const float* p, int n) {
  return {_mm512_maskz_loadu_ps(first_lanes(n).v, p)};
}
inline void store_first(float* p, int n, Vec a) { _mm512_mask_storeu_ps(p, first_lanes(n).v, a.v); }

inline IntVec set1_int(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
inline IntVec bits_of(Vec a) { return {_mm512_castps_si512(a.v)}; }
inline Vec vec_of_bits(IntVec a) { return {_mm512_castsi512_ps(a.v)}; }
inline IntVec add(IntVec a, IntVec b) { return {_mm512_add_epi32(a.v, b.v)}; }
template <int kBits>
inline IntVec shift_left(IntVec a) {
  return {_mm512_slli_epi32(a.v, kBits)};
}

inline Vec load_half(const std::uint16_t* p) {  // sixteen f16, widened exactly
  return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
inline Vec load_bfloat(const std::uint16_t* p) {  // sixteen bf16, widened exactly
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
}
inline void store_half(std::uint16_t* p,
                       Vec a) {  // nearest even, clamped to +-65504; NaN stays NaN
  const Vec clamped = max(set1(-65504.0f), min(set1(65504.0f), a));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                      _mm512_cvtps_ph(clamped.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

// The eight lanes l and l + 8 side by side, for the trees below.
inline __m256 low_half(Vec a) { return _mm512_castps512_ps256(a.v); }
inline __m256 high_half(Vec a) { return _mm512_extractf32x8_ps(a.v, 1); }

// Adds lanes l and l + 8, then l + 4, l + 2, l + 1.
inline float tree_sum(Vec a) {
  const __m256 eight = _mm256_add_ps(low_half(a), high_half(a));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float tree_max(Vec a) {
  const __m256 eight = _mm256_max_ps(low_half(a), high_half(a));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace
}  // namespace pecia::kernels
