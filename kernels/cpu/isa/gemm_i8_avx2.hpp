#pragma once
// 8-bit matrix-product tiles for AVX2 without VNNI: 8 outputs a register, one lane one output.
// Internal linkage throughout; see gemm_i8_avx512.hpp for the reasons and the saturation bounds.

#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/isa/records_avx2.hpp"
#include "kernels/cpu/isa/unroll.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_layout.hpp"

namespace pecia::kernels {
namespace {

// Integer sums of 8 outputs for one part of a block, whose weights are signed bytes + 128.
template <PackedLayout kLayout, int kRows>
PECIA_INLINE void signed_sums(const std::uint8_t* record, const std::uint8_t* packed, int eighth,
                              __m256i (&sums)[kRows]) {
  const __m256i ones = _mm256_set1_epi16(1);
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) sums[m] = _mm256_setzero_si256();
  PECIA_UNROLL for (int quad = 0; quad < 8; ++quad) {
    const __m256i w =
        _mm256_xor_si256(Record<kLayout>::codes(record, quad, eighth), _mm256_set1_epi8(-128));
    const __m256i magnitude = _mm256_abs_epi8(w);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m256i a = broadcast_i32(packed + (quad * kRows + m) * 4);
      const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(a, w));
      sums[m] = _mm256_add_epi32(sums[m], _mm256_madd_epi16(pairs, ones));
    }
  }
}

// The same of unsigned codes: as many quads as fit are summed in 16 bits, then widened.
template <PackedLayout kLayout, int kRows>
PECIA_INLINE void unsigned_sums(const std::uint8_t* record, const std::uint8_t* packed, int eighth,
                                int part, __m256i (&sums)[kRows]) {
  using Weights = Record<kLayout>;
  constexpr int kQuads = 8 / kLayout.parts;
  constexpr int kNarrow = Weights::kBits == 4 ? 8 : Weights::kBits == 5 ? 4 : 2;
  const __m256i ones = _mm256_set1_epi16(1);
  PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
    sums[m] = _mm256_setzero_si256();
    if constexpr (kLayout.offset != 0) {
      sums[m] = _mm256_srai_epi32(packed_start<kRows>(packed, m, part, kLayout.parts),
                                  Weights::kStartShift);
    }
  }
  PECIA_UNROLL for (int first = part * kQuads; first < (part + 1) * kQuads; first += kNarrow) {
    __m256i narrow[kRows];
    PECIA_UNROLL for (int i = 0; i < kNarrow; ++i) {
      const __m256i w = Weights::codes(record, first + i, eighth);
      PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
        const __m256i a = broadcast_i32(packed + ((first + i) * kRows + m) * 4);
        const __m256i pairs = _mm256_maddubs_epi16(w, a);
        narrow[m] = i == 0 ? pairs : _mm256_add_epi16(narrow[m], pairs);
      }
    }
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      sums[m] = _mm256_add_epi32(_mm256_madd_epi16(narrow[m], ones), sums[m]);
    }
  }
}

// One block of 8 outputs.
template <PackedLayout kLayout, int kRows>
PECIA_INLINE void i8_block(const std::uint8_t* head, const std::uint8_t* record,
                           const std::uint8_t* packed, int eighth, __m256 (&acc)[kRows]) {
  PECIA_UNROLL for (int part = 0; part < kLayout.parts; ++part) {
    __m256i sums[kRows];
    if constexpr (kLayout.low_bits == 8) {
      signed_sums<kLayout, kRows>(record, packed, eighth, sums);
    } else {
      unsigned_sums<kLayout, kRows>(record, packed, eighth, part, sums);
    }
    const __m256 dw = Record<kLayout>::scale_line(head, record, part, eighth);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      const __m256 da = broadcast_f32(packed + kRows * kPackedScale + m * 4);
      acc[m] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[m]), _mm256_mul_ps(dw, da), acc[m]);
    }
  }
  if constexpr (kLayout.has_min) {
    const __m256 min = Record<kLayout>::scale_line(head, record, kLayout.parts, eighth);
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      acc[m] = _mm256_fmadd_ps(min, broadcast_f32(packed + kRows * kPackedSum + m * 4), acc[m]);
    }
  }
}

// kWide eighths of the panel at a time: few rows take all four (each weight line is touched once),
// many rows take one (their accumulators fill the registers).
template <PackedLayout kLayout, int kRows, int kWide>
[[gnu::noinline]] static void i8_eighths(const TileArgs& args, int eighth) {
  constexpr int kHead = kLayout.head_bytes(), kTogether = kLayout.records_together();
  constexpr int kRecord = kLayout.record_bytes();
  __m256 acc[kWide][kRows];
  PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      acc[e][m] =
          args.first ? _mm256_setzero_ps() : _mm256_load_ps(args.out + m * 32 + (eighth + e) * 8);
    }
  }
  const std::uint8_t* weights = args.weights;
  const std::uint8_t* packed = args.packed;
  for (int unit = 0; unit < args.blocks; unit += kTogether) {
    const std::uint8_t* const head = weights;
    weights += kHead;
    for (int block = 0; block < kTogether; ++block) {
      PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
        i8_block<kLayout, kRows>(head, weights, packed, eighth + e, acc[e]);
      }
      weights += kRecord;
      packed += kRows * kPackedRowBytes;
    }
  }
  PECIA_UNROLL for (int e = 0; e < kWide; ++e) {
    PECIA_UNROLL for (int m = 0; m < kRows; ++m) {
      _mm256_store_ps(args.out + m * 32 + (eighth + e) * 8, acc[e][m]);
    }
  }
}

template <PackedLayout kLayout, int kRows>
void i8_tile_of(const TileArgs& args) {
  constexpr int kWide = kRows == 1 ? 4 : kRows == 2 ? 2 : 1;
  for (int eighth = 0; eighth < kEighths; eighth += kWide) {
    i8_eighths<kLayout, kRows, kWide>(args, eighth);
  }
}

template <PackedLayout kLayout>
void i8_tile_any(const TileArgs& args) {
  using Tile = void (*)(const TileArgs&);
  constexpr Tile kTiles[kTileRows] = {i8_tile_of<kLayout, 1>, i8_tile_of<kLayout, 2>,
                                      i8_tile_of<kLayout, 3>, i8_tile_of<kLayout, 4>,
                                      i8_tile_of<kLayout, 5>, i8_tile_of<kLayout, 6>};
  kTiles[args.rows - 1](args);
}

}  // namespace
}  // namespace pecia::kernels
