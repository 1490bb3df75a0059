#include "kernels/training/rotation.hpp"

#include <cassert>

namespace pecia::kernels {
namespace {

constexpr int kRunCols = 16;  // pairs of one call of the kernel

float* column(const Rows& x, int row, int col) {
  return x.block(col / Rows::kBlock, row) + col % Rows::kBlock;
}

}  // namespace

void rotate(ThreadPool& pool, const KernelTable& kernels, const RopeTable& rope,
            std::span<const RowRange> sequences, const Rows& x, float scale, Direction direction) {
  const int half = rope.half();
  assert(half % kRunCols == 0 && x.cols % (2 * half) == 0);
  const int runs = x.cols / (2 * kRunCols);  // in all heads
  const int runs_per_head = half / kRunCols;
  pool.run(std::int64_t(runs) * static_cast<std::int64_t>(sequences.size()),
           [&](std::int64_t piece, int) {
             const RowRange& sequence = sequences[static_cast<std::size_t>(piece / runs)];
             const int run = static_cast<int>(piece % runs);
             const int in_head = run % runs_per_head * kRunCols;
             const int col = run / runs_per_head * 2 * half + in_head;
             kernels.training.rotate(
                 {column(x, sequence.first, col), column(x, sequence.first, col + half),
                  sequence.rows, rope.cosines(0) + in_head, rope.sines(0) + in_head,
                  static_cast<std::size_t>(half), scale, direction == Direction::inverse});
           });
}

}  // namespace pecia::kernels
