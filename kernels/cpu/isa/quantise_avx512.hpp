#pragma once
// The activation quantiser for AVX-512. Internal linkage throughout; see gemm_i8_avx512.hpp.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

// Magnitudes compare as integers, so that a NaN wins and reaches the scale on every path.
PECIA_INLINE float largest_magnitude(__m512 low, __m512 high) {
  const __m512i largest = _mm512_max_epi32(_mm512_castps_si512(_mm512_abs_ps(low)),
                                           _mm512_castps_si512(_mm512_abs_ps(high)));
  return std::bit_cast<float>(_mm512_reduce_max_epi32(largest));
}

// Wraps around where a NaN became the largest of integers, as the next does;
// _mm512_reduce_add_epi32 ends in a signed addition, for which that is undefined.
PECIA_INLINE int sum_of(__m512i numbers) {
  const __m256i eight =
      _mm256_add_epi32(_mm512_castsi512_si256(numbers), _mm512_extracti64x4_epi64(numbers, 1));
  const __m128i four =
      _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
}
PECIA_INLINE int minus_128_times(int sum) {
  return static_cast<int>(0u - 128u * static_cast<std::uint32_t>(sum));
}

void quantise_rows(const float* x, int rows, std::uint8_t* packed) {
  for (int m = 0; m < rows; ++m, x += 32) {
    const __m512 low = _mm512_loadu_ps(x);
    const __m512 high = _mm512_loadu_ps(x + 16);
    const float amax = largest_magnitude(low, high);
    const bool tiny = amax < 0x1p-80f;  // keeps dw * da out of the denormals
    const float d = tiny ? 0.0f : amax / 127.0f;
    const __m512 inverse = _mm512_set1_ps(tiny ? 0.0f : 127.0f / amax);
    const __m512i low_codes = _mm512_cvtps_epi32(_mm512_mul_ps(low, inverse));
    const __m512i high_codes = _mm512_cvtps_epi32(_mm512_mul_ps(high, inverse));
    alignas(32) std::int32_t quads[8];
    _mm_store_si128(reinterpret_cast<__m128i*>(quads), _mm512_cvtepi32_epi8(low_codes));
    _mm_store_si128(reinterpret_cast<__m128i*>(quads) + 1, _mm512_cvtepi32_epi8(high_codes));
    const int low_sum = sum_of(low_codes);
    const int sum = sum_of(_mm512_add_epi32(low_codes, high_codes));
    const int start = minus_128_times(sum), low_start = minus_128_times(low_sum);
    const float scaled_sum = d * static_cast<float>(sum);
    for (int index = 0; index < 8; ++index) {
      std::memcpy(packed + (index * rows + m) * 4, &quads[index], 4);
    }
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
    std::memcpy(packed + rows * kPackedSum + m * 4, &scaled_sum, 4);
    std::memcpy(packed + rows * kPackedLow + m * 4, &low_start, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
