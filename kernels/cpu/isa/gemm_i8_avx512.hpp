#pragma once
// 8-bit matrix-product tiles for AVX-512: up to 6 activation rows x 32 outputs, one lane one
// output. The integer part of a block is exact, so the two ways to form it (Vnni, or Bw where the
// CPU lacks VNNI) give the same bits. Everything here has internal linkage: the file that includes
// it is compiled for one instruction set.

#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/isa/records_avx512.hpp"
#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

template <int kRows>
using Accumulators = __m512[kRows][kHalves];

// acc = fma(float(isum), mul(dw, da), acc): the one mul and one fma a block of NUMERICS.
template <int kRows>
PECIA_INLINE void scale_half(const __m512i (&sums)[kRows], __m512 dw, int half,
                             PackedBlock<kRows> x, Accumulators<kRows>& acc) {
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    const __m512 scale = _mm512_mul_ps(dw, x.scale(x, m));
    acc[m][half] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[m]), scale, acc[m][half]);
  }
}

// acc = fma(min, d * asum, acc): the last operation of a block whose format has a minimum.
template <PackedLayout kLayout, int kRows>
PECIA_INLINE void add_min(const std::uint8_t* head, const std::uint8_t* record, int half,
                          PackedBlock<kRows> x, Accumulators<kRows>& acc) {
  const __m512 min = Record<kLayout>::scale_line(head, record, kLayout.parts, half);
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    acc[m][half] = _mm512_fmadd_ps(min, x.sum(x, m), acc[m][half]);
  }
}

// What the integer sum of unsigned codes begins with.
template <PackedLayout kLayout, int kRows>
PECIA_INLINE __m512i first_sum(PackedBlock<kRows> x, int row, int part) {
  if constexpr (kLayout.offset == 0) return _mm512_setzero_si512();
  return _mm512_srai_epi32(x.start(x, row, part, kLayout.parts), Record<kLayout>::kStartShift);
}

// -- one block with VNNI -------------------------------------------------------------------------
// Both halves together, so that a quad is broadcast once for two products.
template <PackedLayout kLayoutOf>
struct Vnni {
  static constexpr PackedLayout kLayout = kLayoutOf;
  static constexpr bool kManyRows = kLayout.low_bits == 8;  // the others are widened for those
  using Weights = Record<kLayout>;

  // One instruction of assembly: gcc 12's intrinsic copies its destructive destination (24 moves a
  // round), and the file need not be compiled for VNNI.
  PECIA_INLINE void dot(__m512i& sum, __m512i unsigned_codes, __m512i quad) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_codes), "v"(quad));
  }

  template <int kRows>
  PECIA_INLINE void block(const std::uint8_t* head, const std::uint8_t* record,
                          PackedBlock<kRows> x, Accumulators<kRows>& acc) {
    constexpr int kQuads = 8 / kLayout.parts;
    PECIA_UNROLL for (int part = 0; part < kLayout.parts; ++part) {
      __m512i low[kRows], high[kRows];
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        low[m] = high[m] = first_sum<kLayout, kRows>(x, m, part);
      }
      PECIA_UNROLL for (int i = 0; i < kQuads; ++i) {
        const int quad = part * kQuads + i;
        const __m512i w0 = Weights::codes(record, quad, 0);
        const __m512i w1 = Weights::codes(record, quad, 1);
        PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
          const __m512i a = x.quad(x, quad, m);
          dot(low[m], w0, a);
          dot(high[m], w1, a);
        }
      }
      scale_half<kRows>(low, Weights::scale_line(head, record, part, 0), 0, x, acc);
      scale_half<kRows>(high, Weights::scale_line(head, record, part, 1), 1, x, acc);
    }
    if constexpr (kLayout.has_min) {
      add_min<kLayout, kRows>(head, record, 0, x, acc);
      add_min<kLayout, kRows>(head, record, 1, x, acc);
    }
  }
};

// -- one block without VNNI ----------------------------------------------------------------------
// vpmaddubsw saturates at 32,767. Q8_0: |w| <= 128 times a sign-flipped |a| <= 127 stays at 32,512
// a pair, so pairs are widened at once. Unsigned codes of 4, 5 and 6 bits stay at 3,810, 7,874 and
// 16,002 a pair, so 8, 4 or 2 quads are summed in 16 bits and widened once. One half after the
// other: the sums of one fit the registers.
template <PackedLayout kLayoutOf>
struct Bw {
  static constexpr PackedLayout kLayout = kLayoutOf;
  static constexpr bool kManyRows = !kLayout.has_min && kLayout.high_bits == 0;  // the older two
  using Weights = Record<kLayout>;

  // Ends an expression for gcc 12, which else sums a block as a tree of 48 spilled products.
  PECIA_INLINE void keep_in_register(__m512i& sum) { asm volatile("" : "+v"(sum)); }

  template <int kRows>
  PECIA_INLINE void signed_sums(const std::uint8_t* record, int half, PackedBlock<kRows> x,
                                __m512i (&sums)[kRows]) {
    const __m512i ones = _mm512_set1_epi16(1);
    PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
      const __m512i w =
          _mm512_xor_si512(Weights::codes(record, quad, half), _mm512_set1_epi8(-128));
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

  // Adds the products of `kQuads` quads from `first` on to the sums.
  template <int kRows, int kQuads>
  PECIA_INLINE void add_quads(const std::uint8_t* record, int half, int first, PackedBlock<kRows> x,
                              __m512i (&sums)[kRows]) {
    __m512i narrow[kRows];
    PECIA_UNROLL for (int i = 0; i < kQuads; ++i) {
      const __m512i w = Weights::codes(record, first + i, half);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m512i pairs = _mm512_maddubs_epi16(w, x.quad(x, first + i, m));
        narrow[m] = i == 0 ? pairs : _mm512_add_epi16(narrow[m], pairs);
        keep_in_register(narrow[m]);
      }
    }
    const __m512i ones = _mm512_set1_epi16(1);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      sums[m] = _mm512_add_epi32(_mm512_madd_epi16(narrow[m], ones), sums[m]);
    }
  }

  template <int kRows>
  PECIA_INLINE void part_sums(const std::uint8_t* record, int half, int part, PackedBlock<kRows> x,
                              __m512i (&sums)[kRows]) {
    constexpr int kQuads = 8 / kLayout.parts;
    constexpr int kNarrow = Weights::kBits == 4 ? 8 : Weights::kBits == 5 ? 4 : 2;
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      sums[m] = first_sum<kLayout, kRows>(x, m, part);
    }
    PECIA_UNROLL for (int i = 0; i < kQuads; i += kNarrow) {
      add_quads<kRows, kNarrow>(record, half, part * kQuads + i, x, sums);
    }
  }

  template <int kRows>
  PECIA_INLINE void block(const std::uint8_t* head, const std::uint8_t* record,
                          PackedBlock<kRows> x, Accumulators<kRows>& acc) {
    PECIA_UNROLL for (int half = 0; half < kHalves; ++half) {
      PECIA_UNROLL for (int part = 0; part < kLayout.parts; ++part) {
        __m512i sums[kRows];
        if constexpr (kLayout.low_bits == 8) {
          signed_sums<kRows>(record, half, x, sums);
        } else {
          part_sums<kRows>(record, half, part, x, sums);
        }
        scale_half<kRows>(sums, Weights::scale_line(head, record, part, half), half, x, acc);
        asm volatile("" ::: "memory");  // or gcc keeps all 48 broadcasts of a block, spilled
      }
      if constexpr (kLayout.has_min) add_min<kLayout, kRows>(head, record, half, x, acc);
    }
  }
};

// -- the tile -------------------------------------------------------------------------------------
template <class Block, int kRows, bool kPrefetch>
[[gnu::noinline]] static void i8_tile(const TileArgs& args) {
  constexpr int kHead = Block::kLayout.head_bytes();
  constexpr int kTogether = Block::kLayout.records_together();
  constexpr int kRecord = Block::kLayout.record_bytes();
  Accumulators<kRows> acc;
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
      acc[m][h] = args.first ? _mm512_setzero_ps() : _mm512_load_ps(args.out + m * 32 + h * 16);
    }
  }
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* ahead = args.prefetch;
  PackedBlock<kRows> x{args.packed};
  for (int unit = 0; unit < args.blocks; unit += kTogether) {
    const std::uint8_t* const head = weights;
    weights += kHead;
    for (int block = 0; block < kTogether; ++block) {
      if constexpr (kPrefetch) {
        for (int line = 0; line < args.prefetch_lines; ++line, ahead += 64) {
          _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T0);
        }
      }
      Block::template block<kRows>(head, weights, x, acc);
      weights += kRecord;
      x.base += kRows * kPackedRowBytes;
    }
  }
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    PECIA_UNROLL for (int h = 0; h < kHalves; ++h) {
      _mm512_store_ps(args.out + m * 32 + h * 16, acc[m][h]);
    }
  }
}

// A prefetch loop costs a tenth of a tile's speed, a second copy of every tile compile time: wide
// records lie in L1 and need none, few rows hardly notice it.
template <class Block, int kRows>
void i8_tile_of(const TileArgs& args) {
  if constexpr (Block::kLayout.wide) {
    i8_tile<Block, kRows, false>(args);
  } else if constexpr (Block::kManyRows) {
    args.prefetch_lines > 0 ? i8_tile<Block, kRows, true>(args)
                            : i8_tile<Block, kRows, false>(args);
  } else {
    i8_tile<Block, kRows, true>(args);
  }
}

template <class Block>
void i8_tile_any(const TileArgs& args) {
  using Tile = void (*)(const TileArgs&);
  constexpr Tile kTiles[kTileRows] = {i8_tile_of<Block, 1>, i8_tile_of<Block, 2>,
                                      i8_tile_of<Block, 3>, i8_tile_of<Block, 4>,
                                      i8_tile_of<Block, 5>, i8_tile_of<Block, 6>};
  kTiles[args.rows - 1](args);
}

// -- widening -------------------------------------------------------------------------------------
// Records as wide_layout() of their own: whole bytes of code + 128, scales and minimums in f32.
template <PackedLayout kLayout>
void widen_records(const std::uint8_t* weights, int blocks, std::uint8_t* wide) {
  constexpr PackedLayout kWide = wide_layout(kLayout);
  constexpr int kHead = kLayout.head_bytes(), kTogether = kLayout.records_together();
  constexpr int kRecord = kLayout.record_bytes(), kWideRecord = kWide.record_bytes();
  constexpr int kWideScales = kWide.scale_bytes();
  constexpr int kLines = kLayout.parts + (kLayout.has_min ? 1 : 0);
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(128 - kLayout.offset));
  for (int unit = 0; unit < blocks; unit += kTogether) {
    const std::uint8_t* const head = weights;
    weights += kHead;
    for (int block = 0; block < kTogether; ++block, weights += kRecord, wide += kWideRecord) {
      PECIA_UNROLL for (int half = 0; half < kHalves; ++half) {
        PECIA_UNROLL for (int line = 0; line < kLines; ++line) {
          const __m512 scales = Record<kLayout>::scale_line(head, weights, line, half);
          _mm512_store_ps(wide + line * kQuadLine + half * 64, scales);
        }
        PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
          const __m512i codes = Record<kLayout>::codes(weights, quad, half);
          _mm512_store_si512(wide + kWideScales + quad * kQuadLine + half * 64,
                             _mm512_add_epi8(codes, offset));
        }
      }
    }
  }
}

}  // namespace
}  // namespace pecia::kernels
