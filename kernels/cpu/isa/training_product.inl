#pragma once
// Matrix-product tiles of training, written once over Vec. Both sides are read where they lie: rows
// of `a` by broadcasts at fixed offsets, 32 columns of `b` as whole Vecs. Each output is one fma
// chain, k ascending from +0.

#include "kernels/cpu/training_kernels.hpp"

namespace pecia::kernels {
namespace {

constexpr int kBlockCols = 32;

// Where a(m, k) lies inside a block of 32 k.
struct AlongRows {
  static constexpr int kRowStep = kBlockCols;
  static constexpr int kDepthStep = 1;
};
struct AlongColumns {
  static constexpr int kRowStep = 1;
  static constexpr int kDepthStep = kBlockCols;
};

// Outputs [first, first + 16 * kCols) of 32, rows [row, row + kRows).
template <class Along, int kRows, int kCols>
[[gnu::noinline]] static void training_columns(const ProductTile& tile, int row, int first) {
  Vec chain[kRows][kCols];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int c = 0; c < kCols; ++c) chain[m][c] = zero();
  }
  const float* a = tile.a + row * Along::kRowStep;
  const float* b = tile.b + first;
  for (int done = 0; done < tile.depth; done += kBlockCols, a += tile.a_block_stride) {
    const int steps = tile.depth - done < kBlockCols ? tile.depth - done : kBlockCols;
    const float* x = a;
    for (int k = 0; k < steps; ++k, b += kBlockCols, x += Along::kDepthStep) {
      Vec columns[kCols];
#pragma GCC unroll 2
      for (int c = 0; c < kCols; ++c) columns[c] = load(b + c * kLanes);
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m) {
        const Vec value = set1(x[m * Along::kRowStep]);
#pragma GCC unroll 2
        for (int c = 0; c < kCols; ++c) chain[m][c] = fma(value, columns[c], chain[m][c]);
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int c = 0; c < kCols; ++c) {
      float* const out = tile.out + (row + m) * kBlockCols + first + c * kLanes;
      store(out, tile.add ? add(load(out), chain[m][c]) : chain[m][c]);
    }
  }
}

// Rows [row, row + rows), rows in 1..kRows.
template <class Along, int kRows>
inline void training_tile(const ProductTile& tile, int row, int rows) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return training_tile<Along, kRows - 1>(tile, row, rows);
  }
  for (int first = 0; first < kBlockCols; first += kVecTileCols * kLanes) {
    training_columns<Along, kRows, kVecTileCols>(tile, row, first);
  }
}

template <class Along>
static void training_product(const ProductTile& tile) {
  for (int row = 0; row < tile.rows; row += kVecTileRows) {
    const int left = tile.rows - row;
    training_tile<Along, kVecTileRows>(tile, row, left < kVecTileRows ? left : kVecTileRows);
  }
}

static void transpose_block(const float* x, float* y) {
  for (int row = 0; row < kBlockCols; ++row) {
    for (int col = 0; col < kBlockCols; ++col)
      y[col * kBlockCols + row] = x[row * kBlockCols + col];
  }
}

}  // namespace
}  // namespace pecia::kernels
