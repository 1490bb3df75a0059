#include "kernels/training/cross_entropy.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/base/exp32.hpp"

namespace pecia::kernels {
namespace {

constexpr int kLossRows = 16;  // rows of one piece

}  // namespace

void cross_entropy(ThreadPool& pool, const KernelTable& kernels, const Rows& logits,
                   std::span<const TokenId> targets, std::span<const float> weights,
                   std::span<float> losses) {
  assert(static_cast<int>(targets.size()) == logits.rows);
  pool.run((logits.rows + kLossRows - 1) / kLossRows, [&](std::int64_t piece, int) {
    const int first = static_cast<int>(piece) * kLossRows;
    const int rows = std::min(kLossRows, logits.rows - first);
    const SoftmaxTile tile{logits.block(0, first),
                           static_cast<std::size_t>(logits.rows) * Rows::kBlock,
                           rows,
                           logits.blocks(),
                           logits.cols,
                           0};
    float target_logit[kLossRows], m[kLossRows], l[kLossRows], scale[kLossRows];
    for (int r = 0; r < rows; ++r) {
      target_logit[r] = logits.at(first + r, targets[static_cast<std::size_t>(first) + r]);
    }
    kernels.training.softmax_exp(tile, m, l);
    for (int r = 0; r < rows; ++r) {
      const auto row = static_cast<std::size_t>(first) + r;
      losses[row] = weights[row] * (log32(l[r]) - (target_logit[r] - m[r]));
      scale[r] = weights[row] / l[r];
    }
    kernels.training.scale_rows(tile, scale);
    for (int r = 0; r < rows; ++r) {
      const auto row = static_cast<std::size_t>(first) + r;
      logits.at(first + r, targets[row]) -= weights[row];
    }
  });
}

}  // namespace pecia::kernels
