#include "kernels/training/norm_gradient.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {
namespace {

constexpr int kBlock = Rows::kBlock;
constexpr int kPieceRows = 64;

void add_weight_gradient(const KernelTable& kernels, const RowRange& unit, const Rows& x,
                         const Rows& gradient_y, const float* inverse_rms, int block, float* out) {
  alignas(64) float total[kBlock];
  for (int t = 0; t < unit.rows; t += kProductDepth) {
    const int row = unit.first + t;
    kernels.training.norm_weight_gradient(x.block(block, row), gradient_y.block(block, row),
                                          inverse_rms + row, std::min(kProductDepth, unit.rows - t),
                                          t > 0, total);
  }
  kernels.add(out, total, kBlock);
}

}  // namespace

void rms_norm_backward(ThreadPool& pool, const KernelTable& kernels,
                       std::span<const RowRange> units, const Rows& x, const Rows& weight,
                       float epsilon, const Rows& gradient_y, const Rows& gradient_x,
                       const Rows& gradient_weight, std::vector<float>& inverse_rms) {
  assert(x.cols % kBlock == 0 && x.cols == weight.cols && gradient_y.rows == x.rows);
  inverse_rms.resize(static_cast<std::size_t>(x.rows));
  pool.run((x.rows + kPieceRows - 1) / kPieceRows, [&](std::int64_t piece, int) {
    const int first = static_cast<int>(piece) * kPieceRows;
    const NormRows rows{x.block(0, first),
                        static_cast<std::size_t>(x.rows) * kBlock,
                        std::min(kPieceRows, x.rows - first),
                        x.cols,
                        weight.data,
                        epsilon};
    kernels.training.rms_norm_backward(rows, gradient_y.block(0, first), gradient_x.block(0, first),
                                       inverse_rms.data() + first);
  });
  pool.run(x.blocks(), [&](std::int64_t block, int) {
    for (const RowRange& unit : units) {
      add_weight_gradient(kernels, unit, x, gradient_y, inverse_rms.data(), static_cast<int>(block),
                          gradient_weight.block(static_cast<int>(block), 0));
    }
  });
}

}  // namespace pecia::kernels
