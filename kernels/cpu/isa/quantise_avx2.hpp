#pragma once
// The activation quantiser for AVX2. Internal linkage throughout; see gemm_i8_avx512.hpp.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

// Magnitudes compare as integers, so that a NaN wins and reaches the scale on every path.
PECIA_INLINE float largest_magnitude(const float* x) {
  const __m256i magnitude_bits = _mm256_set1_epi32(0x7FFFFFFF);
  __m256i largest = _mm256_setzero_si256();
  for (int i = 0; i < 4; ++i) {
    const __m256i bits = _mm256_castps_si256(_mm256_loadu_ps(x + i * 8));
    largest = _mm256_max_epi32(largest, _mm256_and_si256(bits, magnitude_bits));
  }
  alignas(32) std::int32_t lanes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), largest);
  std::int32_t top = 0;
  for (const std::int32_t lane : lanes) top = lane > top ? lane : top;
  return std::bit_cast<float>(top);
}

// The codes of 32 floats into their quads; returns the sums of the first 16 and of all. Sums wrap
// around where a NaN became the largest of integers.
struct CodeSums {
  std::uint32_t low, all;
};
PECIA_INLINE CodeSums put_codes(const float* x, __m256 inverse, std::uint8_t* quads,
                                std::size_t stride) {
  CodeSums sums{0, 0};
  for (int i = 0; i < 4; ++i) {
    alignas(32) std::int32_t codes[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(codes),
                       _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i * 8), inverse)));
    for (int j = 0; j < 8; ++j) {
      const std::size_t index = static_cast<std::size_t>(i) * 8 + j;
      quads[index / 4 * stride + index % 4] = static_cast<std::uint8_t>(codes[j]);
      sums.all += static_cast<std::uint32_t>(codes[j]);
    }
    if (i == 1) sums.low = sums.all;
  }
  return sums;
}

void quantise_rows(const float* x, int rows, std::uint8_t* packed) {
  for (int m = 0; m < rows; ++m, x += 32) {
    const float amax = largest_magnitude(x);
    const bool tiny = amax < 0x1p-80f;  // keeps dw * da out of the denormals
    const float d = tiny ? 0.0f : amax / 127.0f;
    const __m256 inverse = _mm256_set1_ps(tiny ? 0.0f : 127.0f / amax);
    const CodeSums sums = put_codes(x, inverse, packed + m * 4, static_cast<std::size_t>(rows) * 4);
    const std::uint32_t start = 0u - 128u * sums.all, low = 0u - 128u * sums.low;
    const float scaled_sum = d * static_cast<float>(static_cast<std::int32_t>(sums.all));
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
    std::memcpy(packed + rows * kPackedSum + m * 4, &scaled_sum, 4);
    std::memcpy(packed + rows * kPackedLow + m * 4, &low, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
