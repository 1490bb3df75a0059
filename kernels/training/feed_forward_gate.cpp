#include "kernels/training/feed_forward_gate.hpp"

#include <cassert>

#include "kernels/cpu/over_floats.hpp"

namespace pecia::kernels {

void swiglu_backward(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
                     const Rows& gradient_out) {
  assert(gate.floats() == up.floats() && gate.floats() == gradient_out.floats());
  over_floats(pool, gate.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.training.swiglu_backward(gate.data + first, up.data + first, gradient_out.data + first,
                                     floats);
  });
}

}  // namespace pecia::kernels
