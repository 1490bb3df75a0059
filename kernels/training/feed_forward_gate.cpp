#include "kernels/training/feed_forward_gate.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {
namespace {

constexpr std::size_t kPieceFloats = 16 * 1024;

template <class Work>
void over_floats(ThreadPool& pool, const Rows& rows, const Work& work) {
  const std::size_t floats = rows.floats();
  const auto pieces = static_cast<std::int64_t>((floats + kPieceFloats - 1) / kPieceFloats);
  pool.run(pieces, [&](std::int64_t piece, int) {
    const std::size_t first = static_cast<std::size_t>(piece) * kPieceFloats;
    work(first, std::min(kPieceFloats, floats - first));
  });
}

}  // namespace

void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
            const Rows& out) {
  assert(gate.floats() == up.floats() && gate.floats() == out.floats());
  over_floats(pool, gate, [&](std::size_t first, std::size_t floats) {
    kernels.training.swiglu(gate.data + first, up.data + first, out.data + first, floats);
  });
}

void swiglu_backward(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
                     const Rows& gradient_out) {
  assert(gate.floats() == up.floats() && gate.floats() == gradient_out.floats());
  over_floats(pool, gate, [&](std::size_t first, std::size_t floats) {
    kernels.training.swiglu_backward(gate.data + first, up.data + first, gradient_out.data + first,
                                     floats);
  });
}

}  // namespace pecia::kernels
