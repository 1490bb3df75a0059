#include "kernels/cpu/packed_matrix.hpp"

#include <array>
#include <cassert>
#include <cstring>

#include "kernels/weights/quantise.hpp"

namespace pecia::kernels {
namespace {

constexpr int kLanes = PackedMatrix::kPanelRows;
using PanelRows = std::array<const std::uint8_t*, kLanes>;  // nullptr: a row of zeros

// -- file blocks: an f16 scale, then the codes
// ------------------------------------------------------
constexpr std::size_t kScaleBytes = 2;
constexpr std::size_t kQ8BlockBytes = kScaleBytes + 32;
constexpr std::size_t kQ4BlockBytes = kScaleBytes + 16;
constexpr std::uint8_t kQ8Zero = 0x80;  // 0 XOR 0x80
constexpr std::uint8_t kQ4Zero = 8;

std::size_t record_bytes(TensorType type) {
  switch (type) {
    case TensorType::q8_0:
      return kLanes * (kScaleBytes + 32);
    case TensorType::q4_0:
      return kLanes * (kScaleBytes + 16);
    case TensorType::f16:
      return kLanes * 2;
    default:
      return kLanes * 4;
  }
}

int record_depth(TensorType type) {
  return type == TensorType::q8_0 || type == TensorType::q4_0 ? 32 : 1;
}

void pack_q8_0(const PanelRows& rows, std::size_t block, std::uint8_t* record) {
  std::uint8_t* const codes = record + kLanes * kScaleBytes;
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::uint8_t* source = rows[lane] ? rows[lane] + block * kQ8BlockBytes : nullptr;
    if (source == nullptr) {
      std::memset(record + lane * kScaleBytes, 0, kScaleBytes);
    } else {
      std::memcpy(record + lane * kScaleBytes, source, kScaleBytes);
    }
    for (int quad = 0; quad < 8; ++quad) {
      std::uint8_t* const out = codes + (quad * kLanes + lane) * 4;
      for (int i = 0; i < 4; ++i) {
        out[i] = source ? source[kScaleBytes + quad * 4 + i] ^ kQ8Zero : kQ8Zero;
      }
    }
  }
}

// File order: byte i holds element i (low nibble) and i + 16 (high nibble), as the panel wants it.
void pack_q4_0(const PanelRows& rows, std::size_t block, std::uint8_t* record) {
  std::uint8_t* const codes = record + kLanes * kScaleBytes;
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::uint8_t* source = rows[lane] ? rows[lane] + block * kQ4BlockBytes : nullptr;
    if (source == nullptr) {
      std::memset(record + lane * kScaleBytes, 0, kScaleBytes);
    } else {
      std::memcpy(record + lane * kScaleBytes, source, kScaleBytes);
    }
    for (int quad = 0; quad < 4; ++quad) {
      std::uint8_t* const out = codes + (quad * kLanes + lane) * 4;
      if (source == nullptr) {
        std::memset(out, kQ4Zero | kQ4Zero << 4, 4);
      } else {
        std::memcpy(out, source + kScaleBytes + quad * 4, 4);
      }
    }
  }
}

template <std::size_t kElementBytes>
void pack_float(const PanelRows& rows, std::size_t k, std::uint8_t* record) {
  for (int lane = 0; lane < kLanes; ++lane) {
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
      return pack_q8_0(rows, index, record);
    case TensorType::q4_0:
      return pack_q4_0(rows, index, record);
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
    for (int lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t row = static_cast<std::uint64_t>(panel) * kLanes + lane;
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
