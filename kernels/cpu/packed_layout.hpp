#pragma once
// Where the bytes of packed weights and activations lie: for those who pack and those who multiply.

#include <cstddef>

namespace pecia::kernels {

// Weights are panels of 32 output rows, each a stream of records along k. A record of a quantised
// format covers 32 k: a line of 32 f16 scales, then lines of [32 rows][4 k] code bytes.
constexpr int kPanelRows = 32;
constexpr int kScaleLine = kPanelRows * 2;  // bytes
constexpr int kQuadLine = kPanelRows * 4;   // bytes
constexpr int kQ8RecordBytes = kScaleLine + 8 * kQuadLine;
constexpr int kQ4RecordBytes = kScaleLine + 4 * kQuadLine;  // a byte holds quads i and i + 4

// Rows of one activation tile in the matrix product.
constexpr int kTileRows = 6;

// The packed 8-bit record of one 32-block of a tile of `rows` rows:
// [8 quads][rows][4] i8 codes in [-127, 127], then start[rows] i32 = -128 * (sum of the 32 codes),
// then d[rows] f32. `start` lets kernels take weights as unsigned bytes; a format with another
// offset shifts it (-8 * sum = start >> 4). The three parts begin at rows * these bytes:
constexpr int kPackedStart = 32;
constexpr int kPackedScale = 36;
constexpr int kPackedRowBytes = 40;

constexpr std::size_t packed_i8_block_bytes(int rows) {
  return static_cast<std::size_t>(rows) * kPackedRowBytes;
}

}  // namespace pecia::kernels
