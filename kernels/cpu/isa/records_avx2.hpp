#pragma once
// Reading records of weights and of activations with AVX2, eight outputs at a time. Internal
// linkage throughout; see records_avx512.hpp.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

constexpr int kEighths = 4;  // a panel of 32 outputs is four registers of 8

PECIA_INLINE __m256i broadcast_i32(const std::uint8_t* bytes) {
  std::int32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return _mm256_set1_epi32(value);
}

PECIA_INLINE __m256 broadcast_f32(const std::uint8_t* bytes) {
  return _mm256_castsi256_ps(broadcast_i32(bytes));
}

// -128 * the sum of the activations' codes of one part of the block's parts.
template <int kRows>
PECIA_INLINE __m256i packed_start(const std::uint8_t* packed, int row, int part, int parts) {
  const __m256i whole = broadcast_i32(packed + kRows * kPackedStart + row * 4);
  if (parts == 1) return whole;
  const __m256i low = broadcast_i32(packed + kRows * kPackedLow + row * 4);
  return part == 0 ? low : _mm256_sub_epi32(whole, low);
}

// A record of weights and the head of its unit (the record itself where there is none).
template <PackedLayout kLayout>
struct Record {
  static constexpr int kScales = kLayout.scale_bytes();
  static constexpr int kScaleStep = kLayout.scale_line_bytes();
  static constexpr int kPlanes = kScales + kLayout.code_bytes();
  static constexpr int kStartShift = kLayout.start_shift();
  static constexpr int kBits = kLayout.low_bits + kLayout.high_bits;

  // Eight scales, or minimums where line = parts.
  PECIA_INLINE __m256 scale_line(const std::uint8_t* head, const std::uint8_t* record, int line,
                                 int eighth) {
    const std::uint8_t* const at = record + line * kScaleStep + eighth * kScaleStep / 4;
    if constexpr (!kLayout.grouped) return half_floats(at);
    const int head_line = line == kLayout.parts ? 1 : 0;
    const __m128i factors = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
    const __m256 halves = half_floats(head + head_line * kScaleLine + eighth * kScaleLine / 4);
    return _mm256_mul_ps(halves, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(factors)));
  }

  // The codes of one quad as unsigned bytes.
  PECIA_INLINE __m256i codes(const std::uint8_t* record, int quad, int eighth) {
    const std::uint8_t* const lines = record + kScales + eighth * 32;
    if constexpr (kLayout.low_bits == 8) return load_line(lines + quad * kQuadLine);
    const __m256i bytes = load_line(lines + quad % 4 * kQuadLine);
    const __m256i nibbles = quad < 4 ? bytes : _mm256_srli_epi16(bytes, 4);
    const __m256i low = _mm256_and_si256(nibbles, _mm256_set1_epi8(15));
    if constexpr (kLayout.high_bits == 0) return low;
    return _mm256_or_si256(low, high_bits(record + kPlanes + eighth * 32, quad));
  }

 private:
  PECIA_INLINE __m256 half_floats(const std::uint8_t* halves) {
    return _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(halves)));
  }
  PECIA_INLINE __m256i load_line(const std::uint8_t* line) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(line));
  }

  // Moved above the nibbles; shifts of 16-bit lanes let foreign bits in, which the mask takes out.
  PECIA_INLINE __m256i high_bits(const std::uint8_t* planes, int quad) {
    constexpr int kMask = ((1 << kLayout.high_bits) - 1) << 4;
    const int bit = quad * kLayout.high_bits;
    const int place = bit % 8;
    const __m256i plane = load_line(planes + bit / 8 * kQuadLine);
    const __m256i moved = place < 4   ? _mm256_slli_epi16(plane, 4 - place)
                          : place > 4 ? _mm256_srli_epi16(plane, place - 4)
                                      : plane;
    return _mm256_and_si256(moved, _mm256_set1_epi8(kMask));
  }
};

}  // namespace
}  // namespace pecia::kernels
