#include "kernels/cpu/ops.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {
namespace {

// Floats of one piece: large enough to pay for its hand-out, small enough to balance.
constexpr std::size_t kPieceFloats = 16 * 1024;

bool same_shape(const Rows& a, const Rows& b) { return a.rows == b.rows && a.cols == b.cols; }

// work(first float, number of floats) over all blocks of a batch, padding included.
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
  over_floats(pool, x, [&](std::size_t first, std::size_t floats) {
    kernels.add(x.data + first, y.data + first, floats);
  });
}

void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up) {
  assert(same_shape(gate, up));
  over_floats(pool, gate, [&](std::size_t first, std::size_t floats) {
    kernels.swiglu(gate.data + first, up.data + first, floats);
  });
}

}  // namespace pecia::kernels
