#include "kernels/cpu/packed_matrix.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "kernels/cpu/pack_records.hpp"
#include "kernels/cpu/panel_rows.hpp"
#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

alignas(64) constexpr std::uint8_t kZeroRow[PanelRows::kZeroBytes] = {};

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
  if (record_layout(type) != nullptr) return pack_records(type, panel, cols, out);
  if (type == TensorType::f32) return pack_elements<std::uint32_t>(panel, cols, out);
  pack_elements<std::uint16_t>(panel, cols, out);
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
  if (const PackedLayout* layout = record_layout(type)) {
    const std::size_t unit_cols = std::size_t{32} * layout->records_together();
    return cols / unit_cols * static_cast<std::size_t>(layout->unit_bytes());
  }
  return cols * kPanelRows * (type == TensorType::f32 ? 4 : 2);
}

}  // namespace

bool has_kernel(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::bf16 ||
         record_layout(type) != nullptr;
}

const char* kernel_types() {
  return "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K";
}

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
