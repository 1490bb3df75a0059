#pragma once
// 8-bit matrix-product tiles for AVX2 without VNNI: 8 outputs a register, one lane one output.
// Internal linkage throughout; see gemm_i8_avx512.hpp for the reasons and the saturation bounds.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

constexpr int kEighths = 4;  // a panel of 32 outputs is four registers of 8

PECIA_INLINE __m256i broadcast_i32(const std::uint8_t* bytes) {
  std::int32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return _mm256_set1_epi32(value);
}

PECIA_INLINE __m256i load_codes(const std::uint8_t* codes) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
}

// sums[m] of 8 outputs for one block; `codes` points at this eighth of quad 0.
struct Q8_0 {
  static constexpr int kRecordBytes = kQ8RecordBytes;
  template <int kRows>
  PECIA_INLINE void sum(const std::uint8_t* codes, const std::uint8_t* packed,
                        __m256i (&sums)[kRows]) {
    const __m256i ones = _mm256_set1_epi16(1);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) sums[m] = _mm256_setzero_si256();
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      const __m256i w =
          _mm256_xor_si256(load_codes(codes + index * kQuadLine), _mm256_set1_epi8(-128));
      const __m256i magnitude = _mm256_abs_epi8(w);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m256i quad = broadcast_i32(packed + (index * kRows + m) * 4);
        const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(quad, w));
        sums[m] = _mm256_add_epi32(sums[m], _mm256_madd_epi16(pairs, ones));
      }
    }
  }
};

struct Q4_0 {
  static constexpr int kRecordBytes = kQ4RecordBytes;
  template <int kRows>
  PECIA_INLINE void sum(const std::uint8_t* codes, const std::uint8_t* packed,
                        __m256i (&sums)[kRows]) {
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      const __m256i bytes = load_codes(codes + (index % 4) * kQuadLine);
      const __m256i nibbles = index < 4 ? bytes : _mm256_srli_epi16(bytes, 4);
      const __m256i w = _mm256_and_si256(nibbles, _mm256_set1_epi8(15));
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m256i pairs =
            _mm256_maddubs_epi16(w, broadcast_i32(packed + (index * kRows + m) * 4));
        sums[m] = index == 0 ? pairs : _mm256_add_epi16(sums[m], pairs);
      }
    }
    const __m256i ones = _mm256_set1_epi16(1);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m256i start =
          _mm256_srai_epi32(broadcast_i32(packed + kRows * kPackedStart + m * 4), 4);
      sums[m] = _mm256_add_epi32(_mm256_madd_epi16(sums[m], ones), start);
    }
  }
};

// kWide eighths of the panel at a time: few rows take all four (each weight line is touched once),
// many rows take one (their accumulators fill the registers).
template <class Format, int kRows, int kWide>
[[gnu::noinline]] static void i8_eighths(const TileArgs& args, int eighth) {
  __m256 acc[kWide][kRows];
  PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      acc[e][m] =
          args.first ? _mm256_setzero_ps() : _mm256_load_ps(args.out + m * 32 + (eighth + e) * 8);
    }
  }
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* packed = args.packed;
  for (int block = 0; block < args.blocks; ++block) {
    PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
      __m256i sums[kRows];
      Format::template sum<kRows>(weights + kScaleLine + (eighth + e) * 32, packed, sums);
      const __m256 dw =
          _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(weights) + eighth + e));
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m256 da = _mm256_castsi256_ps(broadcast_i32(packed + kRows * kPackedScale + m * 4));
        acc[e][m] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[m]), _mm256_mul_ps(dw, da), acc[e][m]);
      }
    }
    weights += Format::kRecordBytes;
    packed += kRows * kPackedRowBytes;
  }
  PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      _mm256_store_ps(args.out + m * 32 + (eighth + e) * 8, acc[e][m]);
    }
  }
}

template <class Format, int kRows>
void i8_tile_of(const TileArgs& args) {
  constexpr int kWide = kRows == 1 ? 4 : kRows == 2 ? 2 : 1;
  for (int eighth = 0; eighth < kEighths; eighth += kWide) {
    i8_eighths<Format, kRows, kWide>(args, eighth);
  }
}

template <class Format>
void i8_tile_any(const TileArgs& args) {
  using Tile = void (*)(const TileArgs&);
  constexpr Tile kTiles[kTileRows] = {i8_tile_of<Format, 1>, i8_tile_of<Format, 2>,
                                      i8_tile_of<Format, 3>, i8_tile_of<Format, 4>,
                                      i8_tile_of<Format, 5>, i8_tile_of<Format, 6>};
  kTiles[args.rows - 1](args);
}

// -- the activation quantiser ---------------------------------------------------------------------
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

void quantise_rows(const float* x, int rows, std::uint8_t* packed) {
  for (int m = 0; m < rows; ++m, x += 32) {
    const float amax = largest_magnitude(x);
    const bool tiny = amax < 0x1p-80f;  // keeps dw * da out of the denormals
    const float d = tiny ? 0.0f : amax / 127.0f;
    const __m256 inverse = _mm256_set1_ps(tiny ? 0.0f : 127.0f / amax);
    std::uint32_t sum = 0;
    for (int i = 0; i < 4; ++i) {
      alignas(32) std::int32_t codes[8];
      _mm256_store_si256(reinterpret_cast<__m256i*>(codes),
                         _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i * 8), inverse)));
      for (int j = 0; j < 8; ++j) {
        const int index = i * 8 + j;
        packed[(index / 4 * rows + m) * 4 + index % 4] = static_cast<std::uint8_t>(codes[j]);
        sum += static_cast<std::uint32_t>(codes[j]);
      }
    }
    const std::uint32_t start = 0u - 128u * sum;
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
