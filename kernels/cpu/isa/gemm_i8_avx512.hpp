#pragma once
// 8-bit matrix-product tiles for AVX-512: up to 6 activation rows x 32 outputs, one lane one
// output. The integer part of a block is exact, so the two ways to form it (Vnni, or Bw where the
// CPU lacks VNNI) give the same bits. Everything here has internal linkage: the file that includes
// it is compiled for one instruction set.

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

constexpr int kHalves = 2;  // a panel of 32 outputs is two registers of 16

template <int kRows>
using Accumulators = __m512[kRows][kHalves];

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
    return broadcast_i32(b.base + kRows * kPackedStart + row * 4);
  }
  PECIA_INLINE __m512 scale(PackedBlock b, int row) {
    return _mm512_castsi512_ps(broadcast_i32(b.base + kRows * kPackedScale + row * 4));
  }
};

// acc = fma(float(isum), mul(dw, da), acc): the one mul and one fma a block of NUMERICS.
template <int kRows>
PECIA_INLINE void scale_half(const __m512i (&sums)[kRows], const std::uint8_t* record, int half,
                             PackedBlock<kRows> x, Accumulators<kRows>& acc) {
  const __m512 dw =
      _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(record) + half));
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    const __m512 scale = _mm512_mul_ps(dw, x.scale(x, m));
    acc[m][half] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[m]), scale, acc[m][half]);
  }
}

// -- formats: the codes of one quad as unsigned bytes --------------------------------------------
struct Q8_0 {
  static constexpr int kRecordBytes = kQ8RecordBytes;
  PECIA_INLINE __m512i codes(const std::uint8_t* record, int quad, int half) {
    return _mm512_load_si512(record + kScaleLine + quad * kQuadLine + half * 64);
  }
  PECIA_INLINE __m512i start(__m512i start128) { return start128; }
};

struct Q4_0 {  // low nibbles are quads 0..3, high nibbles 4..7
  static constexpr int kRecordBytes = kQ4RecordBytes;
  PECIA_INLINE __m512i codes(const std::uint8_t* record, int quad, int half) {
    const __m512i bytes =
        _mm512_load_si512(record + kScaleLine + (quad % 4) * kQuadLine + half * 64);
    const __m512i nibbles = quad < 4 ? bytes : _mm512_srli_epi16(bytes, 4);
    return _mm512_and_si512(nibbles, _mm512_set1_epi8(15));
  }
  PECIA_INLINE __m512i start(__m512i start128) { return _mm512_srai_epi32(start128, 4); }
};

// -- one block with VNNI -------------------------------------------------------------------------
// Both halves together, so that a quad is broadcast once for two products.
template <class Format>
struct Vnni {
  static constexpr int kRecordBytes = Format::kRecordBytes;

  // One instruction of assembly: gcc 12's intrinsic copies its destructive destination (24 moves a
  // round), and the file need not be compiled for VNNI.
  PECIA_INLINE void dot(__m512i& sum, __m512i unsigned_codes, __m512i quad) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_codes), "v"(quad));
  }

  template <int kRows>
  PECIA_INLINE void block(const std::uint8_t* record, PackedBlock<kRows> x,
                          Accumulators<kRows>& acc) {
    __m512i low[kRows], high[kRows];
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) low[m] = high[m] = Format::start(x.start(x, m));
    PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
      const __m512i w0 = Format::codes(record, quad, 0);
      const __m512i w1 = Format::codes(record, quad, 1);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i a = x.quad(x, quad, m);
        dot(low[m], w0, a);
        dot(high[m], w1, a);
      }
    }
    scale_half<kRows>(low, record, 0, x, acc);
    scale_half<kRows>(high, record, 1, x, acc);
  }
};

// -- one block without VNNI ----------------------------------------------------------------------
// vpmaddubsw saturates at 32,767. Q8_0: |w| <= 128 times a sign-flipped |a| <= 127 stays at 32,512
// a pair, so pairs are widened at once. Q4_0: all 16 products of a lane stay at 30,480, so a block
// is summed in 16 bits and widened once. One half after the other: the sums of one fit the
// registers.
template <class Format>
struct Bw {
  static constexpr int kRecordBytes = Format::kRecordBytes;

  // Ends an expression for gcc 12, which else sums a block as a tree of 48 spilled products.
  PECIA_INLINE void keep_in_register(__m512i& sum) { asm volatile("" : "+v"(sum)); }

  template <int kRows>
  PECIA_INLINE void half_sums(const std::uint8_t* record, int half, PackedBlock<kRows> x, Q8_0,
                              __m512i (&sums)[kRows]) {
    const __m512i ones = _mm512_set1_epi16(1);
    PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
      const __m512i w = _mm512_xor_si512(Q8_0::codes(record, quad, half), _mm512_set1_epi8(-128));
      const __m512i magnitude = _mm512_abs_epi8(w);
      const __mmask64 negative = _mm512_movepi8_mask(w);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i a = x.quad(x, quad, m);
        const __m512i flipped = _mm512_mask_sub_epi8(a, negative, _mm512_setzero_si512(), a);
        const __m512i pairs = _mm512_madd_epi16(_mm512_maddubs_epi16(magnitude, flipped), ones);
        sums[m] = quad == 0 ? pairs : _mm512_add_epi32(sums[m], pairs);
        keep_in_register(sums[m]);
      }
    }
  }

  template <int kRows>
  PECIA_INLINE void half_sums(const std::uint8_t* record, int half, PackedBlock<kRows> x, Q4_0,
                              __m512i (&sums)[kRows]) {
    PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
      const __m512i w = Q4_0::codes(record, quad, half);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i pairs = _mm512_maddubs_epi16(w, x.quad(x, quad, m));
        sums[m] = quad == 0 ? pairs : _mm512_add_epi16(sums[m], pairs);
        keep_in_register(sums[m]);
      }
    }
    const __m512i ones = _mm512_set1_epi16(1);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      sums[m] = _mm512_add_epi32(_mm512_madd_epi16(sums[m], ones), Q4_0::start(x.start(x, m)));
    }
  }

  template <int kRows>
  PECIA_INLINE void block(const std::uint8_t* record, PackedBlock<kRows> x,
                          Accumulators<kRows>& acc) {
    PECIA_UNROLL for (int half = 0; half < kHalves; ++half) {
      __m512i sums[kRows];
      half_sums<kRows>(record, half, x, Format{}, sums);
      scale_half<kRows>(sums, record, half, x, acc);
      asm volatile("" ::: "memory");  // or gcc keeps all 48 broadcasts of a block, spilled
    }
  }
};

// -- the tile -------------------------------------------------------------------------------------
template <class Block, int kRows, bool kPrefetch>
[[gnu::noinline]] static void i8_tile(const TileArgs& args) {
  Accumulators<kRows> acc;
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
        _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T0);
      }
    }
    Block::template block<kRows>(weights, x, acc);
    weights += Block::kRecordBytes;
    x.base += kRows * kPackedRowBytes;
  }
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
      _mm512_store_ps(args.out + m * 32 + h * 16, acc[m][h]);
    }
  }
}

template <class Block, int kRows>
void i8_tile_of(const TileArgs& args) {
  args.prefetch_lines > 0 ? i8_tile<Block, kRows, true>(args) : i8_tile<Block, kRows, false>(args);
}

template <class Block>
void i8_tile_any(const TileArgs& args) {
  using Tile = void (*)(const TileArgs&);
  constexpr Tile kTiles[kTileRows] = {i8_tile_of<Block, 1>, i8_tile_of<Block, 2>,
                                      i8_tile_of<Block, 3>, i8_tile_of<Block, 4>,
                                      i8_tile_of<Block, 5>, i8_tile_of<Block, 6>};
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
    std::memcpy(packed + rows * kPackedStart + m * 4, &start, 4);
    std::memcpy(packed + rows * kPackedScale + m * 4, &d, 4);
  }
}

}  // namespace
}  // namespace pecia::kernels
