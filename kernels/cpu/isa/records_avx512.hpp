#pragma once
// Reading records of weights and of activations with AVX-512, sixteen outputs at a time. Everything
// here has internal linkage: the file that includes it is compiled for one instruction set.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

constexpr int kHalves = 2;  // a panel of 32 outputs is two registers of 16

PECIA_INLINE __m512i broadcast_i32(const std::uint8_t* bytes) {
  std::int32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return _mm512_set1_epi32(value);
}

PECIA_INLINE __m512 broadcast_f32(const std::uint8_t* bytes) {
  return _mm512_castsi512_ps(broadcast_i32(bytes));
}

// One packed activation block of a tile: see packed_layout.hpp.
template <int kRows>
struct PackedBlock {
  const std::uint8_t* base;
  PECIA_INLINE __m512i quad(PackedBlock b, int index, int row) {
    return broadcast_i32(b.base + (index * kRows + row) * 4);
  }
  // -128 * the sum of the codes of one part of the block's parts.
  PECIA_INLINE __m512i start(PackedBlock b, int row, int part, int parts) {
    const __m512i whole = broadcast_i32(b.base + kRows * kPackedStart + row * 4);
    if (parts == 1) return whole;
    const __m512i low = broadcast_i32(b.base + kRows * kPackedLow + row * 4);
    return part == 0 ? low : _mm512_sub_epi32(whole, low);
  }
  PECIA_INLINE __m512 scale(PackedBlock b, int row) {
    return broadcast_f32(b.base + kRows * kPackedScale + row * 4);
  }
  PECIA_INLINE __m512 sum(PackedBlock b, int row) {
    return broadcast_f32(b.base + kRows * kPackedSum + row * 4);
  }
};

// A record of weights and the head of its unit (the record itself where there is none).
template <PackedLayout kLayout>
struct Record {
  static constexpr int kScales = kLayout.scale_bytes();
  static constexpr int kScaleStep = kLayout.scale_line_bytes();
  static constexpr int kPlanes = kScales + kLayout.code_bytes();
  static constexpr int kStartShift = kLayout.start_shift();
  static constexpr int kBits = kLayout.low_bits + kLayout.high_bits;

  // Sixteen scales, or minimums where line = parts.
  PECIA_INLINE __m512 scale_line(const std::uint8_t* head, const std::uint8_t* record, int line,
                                 int half) {
    const std::uint8_t* const at = record + line * kScaleStep + half * kScaleStep / 2;
    if constexpr (kLayout.wide) {
      return _mm512_load_ps(at);
    } else if constexpr (kLayout.grouped) {
      const int head_line = line == kLayout.parts ? 1 : 0;
      const __m128i factors = _mm_load_si128(reinterpret_cast<const __m128i*>(at));
      const __m512 halves = half_floats(head + head_line * kScaleLine + half * kScaleLine / 2);
      return _mm512_mul_ps(halves, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(factors)));
    } else {
      return half_floats(at);
    }
  }

  // The codes of one quad as unsigned bytes.
  PECIA_INLINE __m512i codes(const std::uint8_t* record, int quad, int half) {
    const std::uint8_t* const lines = record + kScales + half * 64;
    if constexpr (kLayout.low_bits == 8) return _mm512_load_si512(lines + quad * kQuadLine);
    const __m512i bytes = _mm512_load_si512(lines + quad % 4 * kQuadLine);
    const __m512i nibbles = quad < 4 ? bytes : _mm512_srli_epi16(bytes, 4);
    const __m512i low = _mm512_and_si512(nibbles, _mm512_set1_epi8(15));
    if constexpr (kLayout.high_bits == 0) return low;
    return _mm512_or_si512(low, high_bits(record + kPlanes + half * 64, quad));
  }

 private:
  PECIA_INLINE __m512 half_floats(const std::uint8_t* halves) {
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(halves)));
  }

  // Moved above the nibbles; shifts of 16-bit lanes let foreign bits in, which the mask takes out.
  PECIA_INLINE __m512i high_bits(const std::uint8_t* planes, int quad) {
    constexpr int kMask = ((1 << kLayout.high_bits) - 1) << 4;
    const int bit = quad * kLayout.high_bits;
    const int place = bit % 8;
    const __m512i plane = _mm512_load_si512(planes + bit / 8 * kQuadLine);
    const __m512i moved = place < 4   ? _mm512_slli_epi16(plane, 4 - place)
                          : place > 4 ? _mm512_srli_epi16(plane, place - 4)
                                      : plane;
    return _mm512_and_si512(moved, _mm512_set1_epi8(kMask));
  }
};

}  // namespace
}  // namespace pecia::kernels
