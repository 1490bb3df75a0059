#pragma once
// Weights repacked for the matrix product: panels of 32 output rows, each one sequential stream.
// F32, F16 and BF16 as the file's elements, the quantised formats as the records of
// packed_layout.hpp. Bytes beside the file's: the same, but for K formats with a minimum, whose
// 6-bit factors become bytes (Q4_K 4.63 for 4.5 bits a weight, Q5_K 5.63 for 5.5).
// Rows behind the last one are zero. Thread rule: immutable after pack().

#include <cstdint>
#include <functional>

#include "kernels/base/expected.hpp"
#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/packed_layout.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

// How pack() comes to the rows of a tensor.
struct RowSource {
  // The tensor's row that becomes output row r of the product; r itself where null.
  std::function<std::uint64_t(std::uint64_t)> row;
  // Bytes of the tensor, read once by a member of the pool and valid until its next call; where
  // null they are read in place.
  std::function<const std::byte*(std::span<const std::byte> part, int member)> fetch;
};

class PackedMatrix {
 public:
  PackedMatrix() = default;
  // REQUIRES has_kernel(tensor.type).
  static PackedMatrix pack(ThreadPool& pool, const Tensor& tensor, const RowSource& source = {});

  TensorType type() const { return type_; }
  int outputs() const { return outputs_; }  // N
  int inputs() const { return inputs_; }    // K
  int panels() const { return (outputs_ + kPanelRows - 1) / kPanelRows; }
  std::size_t panel_bytes() const { return panel_bytes_; }
  const std::uint8_t* panel(int index) const {
    return reinterpret_cast<const std::uint8_t*>(memory_.data()) + panel_bytes_ * index;
  }
  std::size_t bytes() const { return panel_bytes_ * panels(); }

 private:
  AlignedBuffer memory_;
  TensorType type_ = TensorType::f32;
  int outputs_ = 0;
  int inputs_ = 0;
  std::size_t panel_bytes_ = 0;
};

bool has_kernel(TensorType type);
const char* kernel_types();  // "F32, F16, ...", for error messages

// One dequantised row of an embedding tensor, exact but for the format's own rounding rule.
void dequantise_row(const Tensor& tensor, std::uint64_t row, float* out /* (cols) */);

}  // namespace pecia::kernels
