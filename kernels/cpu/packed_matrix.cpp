#include "kernels/cpu/packed_matrix.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "kernels/cpu/transpose.hpp"
#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kScaleBytes = 2;  // a file block: an f16 scale, then the codes
constexpr std::uint64_t kQ8Flip = 0x8080808080808080u;  // q XOR 0x80 = q + 128 as unsigned bytes
constexpr std::size_t kPrefetchBytes = 512;  // ahead in every row: 32 streams hide DRAM's latency

// Where the rows of a panel lie in the file. A row behind the matrix's last one reads zeros, again
// and again.
struct PanelRows {
  std::array<const std::uint8_t*, kPanelRows> first;
  std::array<bool, kPanelRows> is_zero{};

  // Every row's bytes from `offset` on.
  std::array<const std::uint8_t*, kPanelRows> at(std::size_t offset) const {
    std::array<const std::uint8_t*, kPanelRows> rows;
    for (int lane = 0; lane < kPanelRows; ++lane) {
      rows[lane] = is_zero[lane] ? first[lane] : first[lane] + offset;
      __builtin_prefetch(rows[lane] + kPrefetchBytes, 0, 0);
    }
    return rows;
  }
};

alignas(64) constexpr std::uint8_t kZeroRow[64] = {};  // longer than any record's part of a row

// Line i of `lines` becomes element i of every row, for the 16 / sizeof(Element) elements that
// follow `offset`.
template <class Element>
void pack_lines(const std::array<const std::uint8_t*, kPanelRows>& rows, std::size_t offset,
                std::uint8_t* lines) {
  constexpr std::size_t kLine = kPanelRows * sizeof(Element);
  for (int lane = 0; lane < kPanelRows; lane += kSide<Element>) {
    transpose_square<Element>(&rows[lane], offset, lines + lane * sizeof(Element), kLine);
  }
}

void flip_codes(std::uint8_t* codes, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof kQ8Flip) {
    std::uint64_t word;
    std::memcpy(&word, codes + i, sizeof word);
    word ^= kQ8Flip;
    std::memcpy(codes + i, &word, sizeof word);
  }
}

// Q4_0 keeps the file's bytes: low nibbles hold elements 0..15, high ones 16..31.
template <int kQuads>
void pack_block(const PanelRows& panel, std::size_t index, std::uint8_t* record) {
  const auto rows = panel.at(index * (kScaleBytes + kQuads * 4));
  for (int lane = 0; lane < kPanelRows; ++lane) {
    std::memcpy(record + lane * kScaleBytes, rows[lane], kScaleBytes);
  }
  std::uint8_t* const codes = record + kScaleLine;
  for (int quad = 0; quad < kQuads; quad += kSide<std::uint32_t>) {
    pack_lines<std::uint32_t>(rows, kScaleBytes + quad * 4, codes + quad * kQuadLine);
  }
  if constexpr (kQuads == 8) flip_codes(codes, kQuads * kQuadLine);
}

template <class Element>
void pack_elements(const PanelRows& panel, std::size_t count, std::uint8_t* lines) {
  constexpr std::size_t kLine = kPanelRows * sizeof(Element);
  std::size_t k = 0;
  for (; k + kSide<Element> <= count; k += kSide<Element>) {
    pack_lines<Element>(panel.at(k * sizeof(Element)), 0, lines + k * kLine);
  }
  for (; k < count; ++k) {
    const auto rows = panel.at(k * sizeof(Element));
    for (int lane = 0; lane < kPanelRows; ++lane) {
      std::memcpy(lines + k * kLine + lane * sizeof(Element), rows[lane], sizeof(Element));
    }
  }
}

void pack_panel(TensorType type, const PanelRows& panel, std::size_t cols, std::uint8_t* out) {
  switch (type) {
    case TensorType::q8_0:
      for (std::size_t b = 0; b < cols / 32; ++b) pack_block<8>(panel, b, out + b * kQ8RecordBytes);
      return;
    case TensorType::q4_0:
      for (std::size_t b = 0; b < cols / 32; ++b) pack_block<4>(panel, b, out + b * kQ4RecordBytes);
      return;
    case TensorType::f16:
      return pack_elements<std::uint16_t>(panel, cols, out);
    default:
      return pack_elements<std::uint32_t>(panel, cols, out);
  }
}

// The rows of one panel, fetched as the one stretch of the tensor that holds them all.
PanelRows panel_rows(const Tensor& tensor, const RowSource& source, std::int64_t panel,
                     int member) {
  const std::uint64_t first = static_cast<std::uint64_t>(panel) * kPanelRows;
  const std::uint64_t count = std::min<std::uint64_t>(kPanelRows, tensor.rows() - first);
  std::array<std::uint64_t, kPanelRows> rows{};
  for (std::uint64_t lane = 0; lane < count; ++lane) {
    rows[lane] = tensor.stored_row(source.row ? source.row(first + lane) : first + lane);
  }
  const auto [low, high] = std::minmax_element(rows.begin(), rows.begin() + count);
  const std::uint64_t row_bytes = tensor.row_bytes();
  const auto part = tensor.bytes.subspan(*low * row_bytes, (*high - *low + 1) * row_bytes);
  const std::byte* const bytes = source.fetch ? source.fetch(part, member) : part.data();
  PanelRows result{};
  for (std::uint64_t lane = 0; lane < kPanelRows; ++lane) {
    result.is_zero[lane] = lane >= count;
    result.first[lane] = lane < count ? reinterpret_cast<const std::uint8_t*>(bytes) +
                                            (rows[lane] - *low) * row_bytes
                                      : kZeroRow;
  }
  return result;
}

std::size_t panel_bytes_of(TensorType type, std::size_t cols) {
  switch (type) {
    case TensorType::q8_0:
      return cols / 32 * kQ8RecordBytes;
    case TensorType::q4_0:
      return cols / 32 * kQ4RecordBytes;
    case TensorType::f16:
      return cols * kPanelRows * 2;
    default:
      return cols * kPanelRows * 4;
  }
}

}  // namespace

bool has_kernel(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::q8_0 ||
         type == TensorType::q4_0;
}

const char* kernel_types() { return "F32, F16, Q8_0, Q4_0"; }

PackedMatrix PackedMatrix::pack(ThreadPool& pool, const Tensor& tensor, const RowSource& source) {
  assert(has_kernel(tensor.type));
  PackedMatrix packed;
  packed.type_ = tensor.type;
  packed.outputs_ = static_cast<int>(tensor.rows());
  packed.inputs_ = static_cast<int>(tensor.cols());
  packed.panel_bytes_ = panel_bytes_of(tensor.type, tensor.cols());
  packed.memory_ = AlignedBuffer(packed.bytes());

  pool.run(packed.panels(), [&](std::int64_t panel, int member) {
    pack_panel(tensor.type, panel_rows(tensor, source, panel, member), tensor.cols(),
               reinterpret_cast<std::uint8_t*>(packed.memory_.data()) +
                   packed.panel_bytes_ * static_cast<std::size_t>(panel));
  });
  return packed;
}

void dequantise_row(const Tensor& tensor, std::uint64_t row, float* out) {
  dequantise_row(tensor.type, tensor.row(row), {out, tensor.cols()});
}

}  // namespace pecia::kernels
