#pragma once
// The matrix products of training over Rows, read where they lie. With X (T, K), W (N, K) and
// Y = X W^T (T, N):
//   forward          Y = X (W^T)        W^T kept as Rows (K, N), see TransposedWeights
//   input gradient   dX = dY W
//   weight gradient  dW += dY^T X       over the rows of each unit
// Bits (NUMERICS section 1): every output is a sum of fma chains over chunks of 128 inner steps, in
// order; several terms of one output follow each other as one longer chain of chunks. A unit's
// weight gradient is summed alone and added to what stands there. Threads split outputs only.

#include <span>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/row_range.hpp"

namespace pecia::kernels {

struct ProductTerm {
  Rows a;  // (T, K)
  Rows b;  // (K, N)
};

struct RowsProduct {  // out (T, N) = sum of a b
  std::vector<ProductTerm> terms;
  Rows out;
};

struct ColumnsProduct {  // out (N, K) += a^T b, unit by unit
  Rows a;                // (T, N)
  Rows b;                // (T, K)
  Rows out;
};

// All in one parallel section.
void multiply(ThreadPool& pool, const KernelTable& kernels, std::span<const RowRange> units,
              std::span<const RowsProduct> rows, std::span<const ColumnsProduct> columns);

}  // namespace pecia::kernels
