#pragma once
// 8-bit matrix-product tiles for AVX-512: up to 6 activation rows x 32 outputs, one lane one
// output. The integer part of a block is exact, so the two ways to form it (Vnni, or Bw where the
// CPU lacks VNNI) give the same bits. Everything here has internal linkage: the file that includes
// it is compiled for one instruction set.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/kernel_table.hpp"

#define PECIA_UNROLL _Pragma("GCC unroll 16")
#define PECIA_INLINE [[gnu::always_inline]] static inline

namespace pecia::kernels {
namespace {

constexpr int kHalves = 2;      // a panel of 32 outputs is two registers of 16
constexpr int kScaleLine = 64;  // bytes of a record's 32 f16 scales
constexpr int kQuadLine = 128;  // bytes of [32 rows][4 k]

template <int kRows>
using IntSums = __m512i[kRows][kHalves];

PECIA_INLINE __m512i load_codes(const std::uint8_t* codes) { return _mm512_load_si512(codes); }

PECIA_INLINE __m512i broadcast_i32(const std::uint8_t* bytes) {
  std::int32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return _mm512_set1_epi32(value);
}

// One packed activation block of a tile: [8 quads][kRows][4] codes, start[kRows], d[kRows].
template <int kRows>
struct PackedBlock {
  const std::uint8_t* base;
  PECIA_INLINE __m512i quad(PackedBlock b, int index, int row) {
    return broadcast_i32(b.base + (index * kRows + row) * 4);
  }
  PECIA_INLINE __m512i start(PackedBlock b, int row) {
    return broadcast_i32(b.base + kRows * 32 + row * 4);
  }
  PECIA_INLINE __m512 scale(PackedBlock b, int row) {
    return _mm512_castsi512_ps(broadcast_i32(b.base + kRows * 36 + row * 4));
  }
};

// Codes of quad `index` of a Q4_0 record: low nibbles are quads 0..3, high nibbles 4..7.
PECIA_INLINE __m512i q4_codes(const std::uint8_t* codes, int index, int half) {
  const __m512i bytes = load_codes(codes + (index % 4) * kQuadLine + half * 64);
  const __m512i nibbles = index < 4 ? bytes : _mm512_srli_epi16(bytes, 4);
  return _mm512_and_si512(nibbles, _mm512_set1_epi8(15));
}

// -- integer sums with VNNI --------------------------------------------------------------------
struct Vnni {
  // One instruction of assembly: gcc 12's intrinsic copies its destructive destination (24 moves a
  // round), and the file need not be compiled for VNNI.
  PECIA_INLINE void dot(__m512i& sum, __m512i unsigned_codes, __m512i quad) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_codes), "v"(quad));
  }

  template <int kRows>
  PECIA_INLINE void q8_0(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      PECIA_UNROLL for (int h = 0; h < kHalves; ++h) sums[m][h] = x.start(x, m);
    }
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      const __m512i w0 = load_codes(codes + index * kQuadLine);
      const __m512i w1 = load_codes(codes + index * kQuadLine + 64);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i quad = x.quad(x, index, m);
        dot(sums[m][0], w0, quad);
        dot(sums[m][1], w1, quad);
      }
    }
  }

  template <int kRows>
  PECIA_INLINE void q4_0(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m512i start = _mm512_srai_epi32(x.start(x, m), 4);
      PECIA_UNROLL for (int h = 0; h < kHalves; ++h) sums[m][h] = start;
    }
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      const __m512i w0 = q4_codes(codes, index, 0);
      const __m512i w1 = q4_codes(codes, index, 1);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i quad = x.quad(x, index, m);
        dot(sums[m][0], w0, quad);
        dot(sums[m][1], w1, quad);
      }
    }
  }
};

// -- integer sums without VNNI -------------------------------------------------------------------
// vpmaddubsw saturates at 32,767. Q8_0: |w| <= 128 times a sign-flipped |a| <= 127 stays at 32,512
// a pair, so pairs are widened at once. Q4_0: all 16 products of a lane stay at 30,480, so a block
// is summed in 16 bits and widened once.
struct Bw {
  template <int kRows>
  PECIA_INLINE void q8_0(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    const __m512i ones = _mm512_set1_epi16(1);
    const __m512i zero = _mm512_setzero_si512();
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      PECIA_UNROLL for (int h = 0; h < kHalves; ++h) sums[m][h] = zero;
    }
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
        const __m512i w = _mm512_xor_si512(load_codes(codes + index * kQuadLine + h * 64),
                                           _mm512_set1_epi8(-128));
        const __m512i magnitude = _mm512_abs_epi8(w);
        const __mmask64 negative = _mm512_movepi8_mask(w);
        PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
          const __m512i quad = x.quad(x, index, m);
          const __m512i flipped = _mm512_mask_sub_epi8(quad, negative, zero, quad);
          const __m512i pairs = _mm512_maddubs_epi16(magnitude, flipped);
          sums[m][h] = _mm512_add_epi32(sums[m][h], _mm512_madd_epi16(pairs, ones));
        }
      }
    }
  }

  template <int kRows>
  PECIA_INLINE void q4_0(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    PECIA_UNROLL for (int index = 0; index < 8; ++index) {
      const __m512i w0 = q4_codes(codes, index, 0);
      const __m512i w1 = q4_codes(codes, index, 1);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i quad = x.quad(x, index, m);
        const __m512i p0 = _mm512_maddubs_epi16(w0, quad);
        const __m512i p1 = _mm512_maddubs_epi16(w1, quad);
        sums[m][0] = index == 0 ? p0 : _mm512_add_epi16(sums[m][0], p0);
        sums[m][1] = index == 0 ? p1 : _mm512_add_epi16(sums[m][1], p1);
      }
    }
    const __m512i ones = _mm512_set1_epi16(1);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m512i start = _mm512_srai_epi32(x.start(x, m), 4);
      PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
        sums[m][h] = _mm512_add_epi32(_mm512_madd_epi16(sums[m][h], ones), start);
      }
    }
  }
};

// -- formats --------------------------------------------------------------------------------------
template <class Dot>
struct Q8_0 {
  static constexpr int kRecordBytes = kScaleLine + 8 * kQuadLine;
  template <int kRows>
  PECIA_INLINE void sum(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    Dot::template q8_0<kRows>(codes, x, sums);
  }
};

template <class Dot>
struct Q4_0 {
  static constexpr int kRecordBytes = kScaleLine + 4 * kQuadLine;
  template <int kRows>
  PECIA_INLINE void sum(const std::uint8_t* codes, PackedBlock<kRows> x, IntSums<kRows>& sums) {
    Dot::template q4_0<kRows>(codes, x, sums);
  }
};

// -- the tile -------------------------------------------------------------------------------------
// acc = fma(float(isum), mul(dw, da), acc): the one mul and one fma a block of NUMERICS.
template <int kRows>
PECIA_INLINE void scale_block(const IntSums<kRows>& sums, const std::uint8_t* scales,
                              PackedBlock<kRows> x, __m512 (&acc)[kRows][kHalves]) {
  PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
    const __m512 dw =
        _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(scales) + h));
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m512 scale = _mm512_mul_ps(dw, x.scale(x, m));
      acc[m][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[m][h]), scale, acc[m][h]);
    }
  }
}

template <class Format, int kRows, bool kPrefetch>
[[gnu::noinline]] static void i8_tile(const TileArgs& args) {
  __m512 acc[kRows][kHalves];
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
      acc[m][h] = args.first ? _mm512_setzero_ps() : _mm512_load_ps(args.out + m * 32 + h * 16);
    }
  }
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* ahead = args.prefetch;
  PackedBlock<kRows> x{args.packed};
  for (int block = 0; block < args.blocks; ++block) {
    if constexpr (kPrefetch) {
      for (int line = 0; line < args.prefetch_lines; ++line, ahead += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T1);
      }
    }
    IntSums<kRows> sums;
    Format::template sum<kRows>(weights + kScaleLine, x, sums);
    scale_block<kRows>(sums, weights, x, acc);
    weights += Format::kRecordBytes;
    x.base += kRows * 40;
  }
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
      _mm512_store_ps(args.out + m * 32 + h * 16, acc[m][h]);
    }
  }
}

template <class Format, int kRows>
void i8_tile_of(const TileArgs& args) {
  args.prefetch_lines > 0 ? i8_tile<Format, kRows, true>(args)
                          : i8_tile<Format, kRows, false>(args);
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
PECIA_INLINE float largest_magnitude(__m512 low, __m512 high) {
  const __m512i largest = _mm512_max_epi32(_mm512_castps_si512(_mm512_abs_ps(low)),
                                           _mm512_castps_si512(_mm512_abs_ps(high)));
  return std::bit_cast<float>(_mm512_reduce_max_epi32(largest));
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
    const auto sum = static_cast<std::uint32_t>(
        _mm512_reduce_add_epi32(_mm512_add_epi32(low_codes, high_codes)));
    const std::uint32_t start = 0u - 128u * sum;
    for (int index = 0; index < 8; ++index) {
      std::memcpy(packed + (index * rows + m) * 4, &quads[index], 4);
    }
    std::memcpy(packed + rows * 32 + m * 4, &start, 4);
    std::memcpy(packed + rows * 36 + m * 4, &d, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
