#include "kernels/cpu/ops.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/cpu/over_floats.hpp"

namespace pecia::kernels {
namespace {

bool same_shape(const Rows& a, const Rows& b) { return a.rows == b.rows && a.cols == b.cols; }

// work(row) over all rows of x, in pieces of about kPieceFloats.
template <class Work>
void over_rows(ThreadPool& pool, const Rows& x, const Work& work) {
  const int rows_per_piece = std::max(1, static_cast<int>(kPieceFloats) / x.cols);
  pool.run((x.rows + rows_per_piece - 1) / rows_per_piece, [&](std::int64_t piece, int) {
    const int first = static_cast<int>(piece) * rows_per_piece;
    const int end = std::min(first + rows_per_piece, x.rows);
    for (int row = first; row < end; ++row) work(row);
  });
}

std::size_t row_stride(const Rows& x) { return static_cast<std::size_t>(x.rows) * Rows::kBlock; }

}  // namespace

void rms_norm(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y,
              std::span<const float> weight, float epsilon) {
  assert(same_shape(x, y) && static_cast<int>(weight.size()) == x.cols);
  over_rows(pool, x, [&](int row) {
    kernels.rms_norm(x.block(0, row), y.block(0, row), row_stride(x), x.cols, weight.data(),
                     epsilon);
  });
}

void layer_norm(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y,
                std::span<const float> weight, std::span<const float> bias, float epsilon) {
  assert(same_shape(x, y) && static_cast<int>(weight.size()) == x.cols);
  assert(bias.size() == weight.size());
  over_rows(pool, x, [&](int row) {
    kernels.layer_norm(x.block(0, row), y.block(0, row), row_stride(x), x.cols, weight.data(),
                       bias.data(), epsilon);
  });
}

void add(ThreadPool& pool, const KernelTable& kernels, const Rows& x, const Rows& y) {
  assert(same_shape(x, y));
  over_floats(pool, x.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.add(x.data + first, y.data + first, floats);
  });
}

void add_bias(ThreadPool& pool, const KernelTable& kernels, const Rows& x,
              std::span<const float> bias) {
  assert(bias.size() == static_cast<std::size_t>(x.blocks()) * Rows::kBlock);
  pool.run(x.blocks(), [&](std::int64_t block, int) {
    kernels.add_bias(x.block(static_cast<int>(block), 0), &bias[block * Rows::kBlock], x.rows);
  });
}

void swiglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
            const Rows& out) {
  assert(same_shape(gate, up) && same_shape(gate, out));
  over_floats(pool, gate.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.swiglu(gate.data + first, up.data + first, out.data + first, floats);
  });
}

void geglu(ThreadPool& pool, const KernelTable& kernels, const Rows& gate, const Rows& up,
           const Rows& out) {
  assert(same_shape(gate, up) && same_shape(gate, out));
  over_floats(pool, gate.floats(), [&](std::size_t first, std::size_t floats) {
    kernels.geglu(gate.data + first, up.data + first, out.data + first, floats);
  });
}

void gelu(ThreadPool& pool, const KernelTable& kernels, const Rows& x) {
  over_floats(pool, x.floats(),
              [&](std::size_t first, std::size_t floats) { kernels.gelu(x.data + first, floats); });
}

}  // namespace pecia::kernels
