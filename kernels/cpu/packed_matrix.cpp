#include "kernels/cpu/packed_matrix.hpp"

#include <array>
#include <cassert>
#include <cstring>

#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

using PanelRows = std::array<const std::uint8_t*, kPanelRows>;  // nullptr: a row of zeros

constexpr std::size_t kScaleBytes = 2;          // a file block: an f16 scale, then the codes
constexpr std::uint32_t kQ8Flip = 0x80808080u;  // q XOR 0x80 = q + 128 as an unsigned byte

std::size_t record_bytes(TensorType type) {
  switch (type) {
    case TensorType::q8_0:
      return kQ8RecordBytes;
    case TensorType::q4_0:
      return kQ4RecordBytes;
    case TensorType::f16:
      return kPanelRows * 2;
    default:
      return kPanelRows * 4;
  }
}

int record_depth(TensorType type) {
  return type == TensorType::q8_0 || type == TensorType::q4_0 ? 32 : 1;
}

// Copies a block's scale and its code quads into lane `lane` of a record; `flip` is XORed to every
// code byte. Q4_0 keeps the file's bytes: low nibbles hold elements 0..15, high ones 16..31.
template <int kQuads>
void pack_block(const std::uint8_t* block, std::uint32_t flip, int lane, std::uint8_t* record) {
  std::memcpy(record + lane * kScaleBytes, block, kScaleBytes);
  std::uint8_t* codes = record + kScaleLine + lane * 4;
  for (int quad = 0; quad < kQuads; ++quad, codes += kQuadLine) {
    std::uint32_t bytes;
    std::memcpy(&bytes, block + kScaleBytes + quad * 4, sizeof bytes);
    bytes ^= flip;
    std::memcpy(codes, &bytes, sizeof bytes);
  }
}

template <int kQuads>
void pack_blocks(const PanelRows& rows, std::size_t index, std::uint32_t flip,
                 std::uint8_t* record) {
  constexpr std::size_t kBlockBytes = kScaleBytes + kQuads * 4;
  constexpr std::uint8_t kZeros[kBlockBytes] = {};  // scale 0: the codes do not matter
  for (int lane = 0; lane < kPanelRows; ++lane) {
    const std::uint8_t* const row = rows[lane];
    pack_block<kQuads>(row != nullptr ? row + index * kBlockBytes : kZeros, flip, lane, record);
  }
}

template <std::size_t kElementBytes>
void pack_float(const PanelRows& rows, std::size_t k, std::uint8_t* record) {
  for (int lane = 0; lane < kPanelRows; ++lane) {
    std::uint8_t* const out = record + lane * kElementBytes;
    if (rows[lane] == nullptr) {
      std::memset(out, 0, kElementBytes);
    } else {
      std::memcpy(out, rows[lane] + k * kElementBytes, kElementBytes);
    }
  }
}

void pack_record(TensorType type, const PanelRows& rows, std::size_t index, std::uint8_t* record) {
  switch (type) {
    case TensorType::q8_0:
      return pack_blocks<8>(rows, index, kQ8Flip, record);
    case TensorType::q4_0:
      return pack_blocks<4>(rows, index, 0, record);
    case TensorType::f16:
      return pack_float<2>(rows, index, record);
    default:
      return pack_float<4>(rows, index, record);
  }
}

}  // namespace

bool has_kernel(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::q8_0 ||
         type == TensorType::q4_0;
}

const char* kernel_types() { return "F32, F16, Q8_0, Q4_0"; }

PackedMatrix PackedMatrix::pack(ThreadPool& pool, const Tensor& tensor,
                                const std::function<std::uint64_t(std::uint64_t)>& source_row) {
  assert(has_kernel(tensor.type));
  PackedMatrix packed;
  packed.type_ = tensor.type;
  packed.outputs_ = static_cast<int>(tensor.rows());
  packed.inputs_ = static_cast<int>(tensor.cols());
  const std::size_t records = tensor.cols() / record_depth(tensor.type);
  const std::size_t bytes = record_bytes(tensor.type);
  packed.panel_bytes_ = records * bytes;
  packed.memory_ = AlignedBuffer(packed.bytes());

  const auto* const source = reinterpret_cast<const std::uint8_t*>(tensor.bytes.data());
  const std::uint64_t row_bytes = tensor.row_bytes();
  pool.run(packed.panels(), [&](std::int64_t panel, int) {
    PanelRows rows{};
    for (int lane = 0; lane < kPanelRows; ++lane) {
      const std::uint64_t row = static_cast<std::uint64_t>(panel) * kPanelRows + lane;
      if (row >= tensor.rows()) continue;
      rows[lane] = source + (source_row ? source_row(row) : row) * row_bytes;
    }
    auto* record = reinterpret_cast<std::uint8_t*>(packed.memory_.data()) +
                   packed.panel_bytes_ * static_cast<std::size_t>(panel);
    for (std::size_t index = 0; index < records; ++index, record += bytes) {
      pack_record(tensor.type, rows, index, record);
    }
  });
  return packed;
}

void dequantise_row(const Tensor& tensor, std::uint64_t row, float* out) {
  dequantise_row(tensor.type, tensor.bytes.subspan(row * tensor.row_bytes(), tensor.row_bytes()),
                 {out, tensor.cols()});
}

}  // namespace pecia::kernels
