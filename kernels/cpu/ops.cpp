#include "kernels/cpu/ops.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/cpu/over_floats.hpp"

namespace pecia::kernels {
namespace {

bool same_shape(const Rows& a, const Rows& b) { return a.rows == b.rows && a.cols == b.cols; }

}  // namespace

void rms_norm(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y,
              std::span<const float> weight, float epsilon) {
  assert(same_shape(x, y) && static_cast<int>(weight.size()) == x.cols);
  const int rows_per_piece = std::max(1, static_cast<int>(kPieceFloats) / x.cols);
  const std::size_t stride = static_cast<std::size_t>(x.rows) * Rows::kBlock;
  pool.run((x.rows + rows_per_piece - 1) / rows_per_piece, [&](std::int64_t piece, int) {
    const int first = static_cast<int>(piece) * rows_per_piece;
    const int end = std::min(first + rows_per_piece, x.rows);
    for (int row = first; row < end; ++row) {
      kernels.rms_norm(x.block(0, row), y.block(0, row), stride, x.cols, weight.data(), epsilon);
    }
  });
}

void add(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y) {
  assert(same_shape(x, y));
  over_floats(pool, x.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.add(x.data + first, y.data + first, floats);
  });
}

void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
            const Rows& out) {
  assert(same_shape(gate, up) && same_shape(gate, out));
  over_floats(pool, gate.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.swiglu(gate.data + first, up.data + first, out.data + first, floats);
  });
}

}  // namespace pecia::kernels
