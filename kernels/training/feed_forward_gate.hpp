#pragma once
// SwiGLU for training: the gate's and up's values survive the forward pass, for the backward needs
// them. The same bits as the engine's swiglu().

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

// out = silu(gate) * up, all of one shape.
void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
            const Rows& out);
// gate and up become their gradients.
void swiglu_backward(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
                     const Rows& gradient_out);

}  // namespace pecia::kernels
