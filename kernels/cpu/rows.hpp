#pragma once
// Activations: `rows` vectors of `cols` floats, cut into blocks of 32 columns:
// element (row, col) lies at data[(col / 32 * rows + row) * 32 + col % 32].
// The quantiser reads, and the matrix product writes, exactly such blocks. Columns behind `cols`
// up to the next multiple of 32 are zero.

#include <cstddef>

#include "kernels/cpu/aligned_buffer.hpp"

namespace pecia::kernels {

struct Rows {
  static constexpr int kBlock = 32;

  float* data = nullptr;  // (blocks(), rows, 32), 64-byte aligned
  int rows = 0;
  int cols = 0;

  int blocks() const { return (cols + kBlock - 1) / kBlock; }
  float* block(int block_index, int row) const {
    return data + (static_cast<std::size_t>(block_index) * rows + row) * kBlock;
  }
  float& at(int row, int col) const { return block(col / kBlock, row)[col % kBlock]; }
  std::size_t floats() const { return static_cast<std::size_t>(blocks()) * rows * kBlock; }
};

// Owns the memory of a Rows that is reshaped every step; grows, never shrinks.
class RowsBuffer {
 public:
  // Contents are undefined but for what the caller writes; the padding columns are the caller's.
  Rows shaped(int rows, int cols) {
    Rows view{nullptr, rows, cols};
    memory_.reserve(view.floats() * sizeof(float));
    view.data = reinterpret_cast<float*>(memory_.data());
    return view;
  }

 private:
  AlignedBuffer memory_;
};

}  // namespace pecia::kernels
