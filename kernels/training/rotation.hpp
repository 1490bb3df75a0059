#pragma once
// Rotary positions over the rows of several sequences, forward and back.

#include <span>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/ops.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/row_range.hpp"

namespace pecia::kernels {

enum class Direction { forward, inverse };

// x (T, heads * head_dim): every head's pairs (i, i + head_dim / 2) turned by the angle of the
// row's position in its sequence, then multiplied by `scale`. The gradient of a rotation is the
// inverse rotation. REQUIRES head_dim a multiple of 32 and the table extended over all positions.
void rotate(ThreadPool& pool, const KernelTable& kernels, const RopeTable& rope,
            std::span<const RowRange> sequences, const Rows& x, float scale, Direction direction);

}  // namespace pecia::kernels
