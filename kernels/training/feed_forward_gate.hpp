#pragma once
// The backward pass of swiglu() (kernels/cpu/ops.hpp).

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

// gate and up become their gradients.
void swiglu_backward(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
                     const Rows& gradient_out);

}  // namespace pecia::kernels
