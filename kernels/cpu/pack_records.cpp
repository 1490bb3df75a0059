#include "kernels/cpu/pack_records.hpp"

#include <cassert>
#include <cstring>

#include "kernels/weights/blocks.hpp"

namespace pecia::kernels {
namespace {

using FileRows = std::array<const std::uint8_t*, kPanelRows>;

constexpr std::size_t kScaleBytes = 2;  // Q8_0 and Q4_0 in the file: an f16 scale, then the codes
constexpr std::uint64_t kQ8Flip = 0x80 * kEachByte;  // q XOR 0x80 = q + 128 as unsigned bytes
constexpr std::uint16_t kHalfSign = 0x8000;

static_assert(sizeof(BlockQ6_K) <= PanelRows::kZeroBytes);

// -- Q8_0 and Q4_0: the file's bytes, transposed --------------------------------------------------

void flip_codes(std::uint8_t* codes, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof kQ8Flip) {
    const std::uint64_t word = word_at(codes + i) ^ kQ8Flip;
    std::memcpy(codes + i, &word, sizeof word);
  }
}

// Q4_0 keeps the file's bytes: low nibbles hold elements 0..15, high ones 16..31.
template <PackedLayout kLayout>
void pack_plain(const PanelRows& panel, std::size_t cols, std::uint8_t* record) {
  constexpr int kQuads = kLayout.low_bits;
  for (std::size_t b = 0; b < cols / kQuantBlock; ++b, record += kLayout.record_bytes()) {
    const FileRows rows = panel.at(b * (kScaleBytes + kQuads * 4));
    for (int lane = 0; lane < kPanelRows; ++lane) {
      std::memcpy(record + lane * kScaleBytes, rows[lane], kScaleBytes);
    }
    std::uint8_t* const codes = record + kLayout.scale_bytes();
    for (int quad = 0; quad < kQuads; quad += kSide<std::uint32_t>) {
      pack_lines<std::uint32_t>(rows, kScaleBytes + quad * 4, codes + quad * kQuadLine);
    }
    if constexpr (kQuads == 8) flip_codes(codes, kQuads * kQuadLine);
  }
}

// -- the others: codes taken apart and put together anew ------------------------------------------

// One row's codes of 32 elements, as its bytes of the nibble lines and of the planes.
struct RowCodes {
  std::uint8_t nibbles[16];
  std::uint32_t planes[2];
};

template <int kHighBits>
RowCodes row_codes(const CodeWords& words) {
  RowCodes row{};
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t pairs = (words[i] & 15 * kEachByte) | (words[i + 2] & 15 * kEachByte) << 4;
    std::memcpy(row.nibbles + i * 8, &pairs, sizeof pairs);
  }
  constexpr std::uint32_t kMask = ((1u << kHighBits) - 1) * 0x01010101u;
  for (int quad = 0; quad < 8 && kHighBits > 0; ++quad) {
    const auto codes = static_cast<std::uint32_t>(words[quad / 2] >> (quad % 2 * 32));
    row.planes[quad * kHighBits / 8] |= (codes >> 4 & kMask) << (quad * kHighBits % 8);
  }
  return row;
}

template <PackedLayout kLayout, class Block>
void pack_codes(const Block (&blocks)[kPanelRows], int sub, std::uint8_t* lines) {
  alignas(16) std::uint8_t nibbles[kPanelRows][16];
  FileRows rows;
  std::uint8_t* const planes = lines + kLayout.code_bytes();
  for (int lane = 0; lane < kPanelRows; ++lane) {
    const RowCodes row = row_codes<kLayout.high_bits>(codes_of(blocks[lane], sub));
    std::memcpy(nibbles[lane], row.nibbles, sizeof row.nibbles);
    for (int plane = 0; plane < kLayout.high_bits; ++plane) {
      std::memcpy(planes + plane * kQuadLine + lane * 4, &row.planes[plane], 4);
    }
    rows[lane] = nibbles[lane];
  }
  pack_lines<std::uint32_t>(rows, 0, lines);
}

void put_half(std::uint8_t* line, int lane, std::uint16_t half) {
  std::memcpy(line + lane * sizeof half, &half, sizeof half);
}

// The factors of one record, a byte a row: of the parts, or of the scale and the minimum.
template <class Block>
void pack_factors(const Block& block, int sub, int lane, std::uint8_t* record) {
  const Factors factors = factors_of(block.factors, sub);
  record[lane] = factors.scale;
  record[kPanelRows + lane] = factors.min;
}

void pack_factors(const BlockQ6_K& block, int sub, int lane, std::uint8_t* record) {
  record[lane] = static_cast<std::uint8_t>(block.factors[2 * sub]);
  record[kPanelRows + lane] = static_cast<std::uint8_t>(block.factors[2 * sub + 1]);
}

// The f16 scales of a unit: of its one record, or the head of eight. A K format subtracts its
// minimum: the sign is flipped here, once.
template <class Block>
void pack_halves(const Block& block, int lane, std::uint8_t* unit) {
  put_half(unit, lane, block.scale);
  if constexpr (kHasMin<Block>) {
    put_half(unit + kScaleLine, lane, kIsGrouped<Block> ? block.min ^ kHalfSign : block.min);
  }
}

template <PackedLayout kLayout, class Block>
void pack_unit(const FileRows& rows, std::uint8_t* unit) {
  Block blocks[kPanelRows];
  for (int lane = 0; lane < kPanelRows; ++lane) {
    std::memcpy(&blocks[lane], rows[lane], sizeof(Block));
    pack_halves(blocks[lane], lane, unit);
  }
  for (int sub = 0; sub < kLayout.records_together(); ++sub) {
    std::uint8_t* const record = unit + kLayout.head_bytes() + sub * kLayout.record_bytes();
    if constexpr (kLayout.grouped) {
      for (int lane = 0; lane < kPanelRows; ++lane) pack_factors(blocks[lane], sub, lane, record);
    }
    pack_codes<kLayout>(blocks, sub, record + kLayout.scale_bytes());
  }
}

template <PackedLayout kLayout, class Block>
void pack_units(const PanelRows& panel, std::size_t cols, std::uint8_t* out) {
  static_assert(kLayout.grouped == kIsGrouped<Block> && kLayout.has_min == kHasMin<Block> &&
                kLayout.offset == Block::kOffset);
  for (std::size_t u = 0; u < cols / kBlockElements<Block>; ++u) {
    pack_unit<kLayout, Block>(panel.at(u * sizeof(Block)), out + u * kLayout.unit_bytes());
  }
}

}  // namespace

const PackedLayout* record_layout(TensorType type) {
  switch (type) {
    case TensorType::q8_0:
      return &kQ8_0;
    case TensorType::q4_0:
      return &kQ4_0;
    case TensorType::q4_1:
      return &kQ4_1;
    case TensorType::q5_0:
      return &kQ5_0;
    case TensorType::q5_1:
      return &kQ5_1;
    case TensorType::q4_k:
      return &kQ4_K;
    case TensorType::q5_k:
      return &kQ5_K;
    case TensorType::q6_k:
      return &kQ6_K;
    default:
      return nullptr;
  }
}

void pack_records(TensorType type, const PanelRows& panel, std::size_t cols, std::uint8_t* out) {
  switch (type) {
    case TensorType::q8_0:
      return pack_plain<kQ8_0>(panel, cols, out);
    case TensorType::q4_0:
      return pack_plain<kQ4_0>(panel, cols, out);
    case TensorType::q4_1:
      return pack_units<kQ4_1, BlockQ4_1>(panel, cols, out);
    case TensorType::q5_0:
      return pack_units<kQ5_0, BlockQ5_0>(panel, cols, out);
    case TensorType::q5_1:
      return pack_units<kQ5_1, BlockQ5_1>(panel, cols, out);
    case TensorType::q4_k:
      return pack_units<kQ4_K, BlockQ4_K>(panel, cols, out);
    case TensorType::q5_k:
      return pack_units<kQ5_K, BlockQ5_K>(panel, cols, out);
    default:
      assert(type == TensorType::q6_k);
      return pack_units<kQ6_K, BlockQ6_K>(panel, cols, out);
  }
}

}  // namespace pecia::kernels
