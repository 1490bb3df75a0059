#pragma once
// The backward pass of RMSNorm: y = x / rms(x) * weight, rows (T, width), width a multiple of 32.

#include <span>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/row_range.hpp"

namespace pecia::kernels {

// gradient_x += the norm's share of gradient_y; gradient_weight (1, width) += each unit's sum over
// its rows, a chain in chunks of 128. `inverse_rms` is scratch.
void rms_norm_backward(ThreadPool& pool, const KernelTable& kernels,
                       std::span<const RowRange> units, const Rows& x, const Rows& weight,
                       float epsilon, const Rows& gradient_y, const Rows& gradient_x,
                       const Rows& gradient_weight, std::vector<float>& inverse_rms);

}  // namespace pecia::kernels
