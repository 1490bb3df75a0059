#pragma once
// Where the bytes of packed weights and activations lie: for those who pack and those who multiply.

#include <bit>
#include <cstddef>

namespace pecia::kernels {

// Weights are panels of 32 output rows, each a stream of records along k. A record of a float
// format is one k: 32 elements. A record of a quantised format covers 32 k.
constexpr int kPanelRows = 32;
constexpr int kScaleLine = kPanelRows * 2;  // bytes: one f16 of every row
constexpr int kQuadLine = kPanelRows * 4;   // bytes: four k of every row
constexpr int kGroupBlocks = 8;             // 32-blocks that share the f16 scales of a K format

// A record of a quantised format is, in this order,
//   scales  f16 [parts][32 rows], then f16 minimums [32 rows] where the format has them;
//           of a K format u8 or i8 factors instead, of f16 scales (and minimums, their signs
//           flipped) that stand once before every 8 records;
//           of a wide record f32 [parts][32 rows] and f32 [32 rows]
//   codes   low_bits = 8: 8 lines [32 rows][4 k], a line per quad of k;
//           low_bits = 4: 4 such lines, a byte holds quad i (low nibble) and quad i + 4
//   planes  high_bits lines [32 rows][4 k]: a byte holds the bits above the nibbles of 8 /
//           high_bits quads, the first quad's lowest
// A weight is scale * (code - offset) + minimum.
struct PackedLayout {
  int offset = 0;
  int low_bits = 4;
  int high_bits = 0;
  int parts = 1;  // scales a 32-block has along k
  bool has_min = false;
  bool grouped = false;  // a K format
  bool wide = false;     // as QuantisedKernels::widen writes it

  constexpr int records_together() const { return grouped ? kGroupBlocks : 1; }
  constexpr int head_bytes() const { return grouped ? kScaleLine * (has_min ? 2 : 1) : 0; }
  constexpr int scale_line_bytes() const {  // of one part, or of the minimums
    return kPanelRows * (wide ? 4 : grouped ? 1 : 2);
  }
  constexpr int scale_bytes() const { return scale_line_bytes() * (parts + (has_min ? 1 : 0)); }
  constexpr int code_bytes() const { return low_bits * kQuadLine; }
  constexpr int record_bytes() const {
    return scale_bytes() + code_bytes() + high_bits * kQuadLine;
  }
  constexpr int unit_bytes() const { return head_bytes() + records_together() * record_bytes(); }
  // The sum of the codes' offsets, taken from `start` below: an arithmetic shift to the right.
  constexpr int start_shift() const {
    return std::countr_zero(128u / static_cast<unsigned>(offset == 0 ? 128 : offset));
  }
};

constexpr PackedLayout kQ8_0{.offset = 128, .low_bits = 8};
constexpr PackedLayout kQ4_0{.offset = 8};
constexpr PackedLayout kQ4_1{.has_min = true};
constexpr PackedLayout kQ5_0{.offset = 16, .high_bits = 1};
constexpr PackedLayout kQ5_1{.high_bits = 1, .has_min = true};
constexpr PackedLayout kQ4_K{.has_min = true, .grouped = true};
constexpr PackedLayout kQ5_K{.high_bits = 1, .has_min = true, .grouped = true};
constexpr PackedLayout kQ6_K{.offset = 32, .high_bits = 2, .parts = 2, .grouped = true};

// What a format's records become when they are widened for many activation rows.
constexpr PackedLayout wide_layout(PackedLayout layout) {
  return {
      .offset = 128, .low_bits = 8, .parts = layout.parts, .has_min = layout.has_min, .wide = true};
}
constexpr int kWideRecordBytesMax = wide_layout(kQ6_K).record_bytes() >
                                            wide_layout(kQ4_K).record_bytes()
                                        ? wide_layout(kQ6_K).record_bytes()
                                        : wide_layout(kQ4_K).record_bytes();

// Rows of one activation tile in the matrix product.
constexpr int kTileRows = 6;

// The packed 8-bit record of one 32-block of a tile of `rows` rows:
// [8 quads][rows][4] i8 codes in [-127, 127], then for every row
//   start[rows] i32  -128 * (sum of the 32 codes): lets kernels take weights as unsigned bytes
//   d[rows] f32      the scale
//   sum[rows] f32    d * (sum of the 32 codes): what a minimum of the weights is multiplied by
//   low[rows] i32    -128 * (sum of the first 16 codes)
// The parts begin at rows * these bytes:
constexpr int kPackedStart = 32;
constexpr int kPackedScale = 36;
constexpr int kPackedSum = 40;
constexpr int kPackedLow = 44;
constexpr int kPackedRowBytes = 48;

constexpr std::size_t packed_i8_block_bytes(int rows) {
  return static_cast<std::size_t>(rows) * kPackedRowBytes;
}

}  // namespace pecia::kernels
