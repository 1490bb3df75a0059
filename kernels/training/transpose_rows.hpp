#pragma once
// Rows of one 32-column block, turned into columns.

#include <cstring>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"

namespace pecia::kernels {

// out (32, 32) = the transpose of `rows` rows of `block` from `first` on, at most 32; those that
// are missing count as zeros. Any thread.
inline void transpose_rows(const KernelTable& kernels, const Rows& x, int block, int first,
                           int rows, float* out) {
  constexpr int kBlock = Rows::kBlock;
  const float* source = x.block(block, first);
  alignas(64) float padded[kBlock * kBlock];
  if (rows < kBlock) {
    const auto floats = static_cast<std::size_t>(kBlock) * static_cast<std::size_t>(rows);
    std::memcpy(padded, source, sizeof(float) * floats);
    std::memset(padded + floats, 0, sizeof padded - sizeof(float) * floats);
    source = padded;
  }
  kernels.training.transpose_block(source, out);
}

}  // namespace pecia::kernels
