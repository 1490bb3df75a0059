#pragma once
// Softmax cross-entropy of logits against target tokens, with a loss weight for each target.

#include <span>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

// losses[t] = weights[t] * -log softmax(logits[t])[targets[t]]. The logits (T, vocabulary) become
// their gradient of the sum of losses; padding columns become 0. REQUIRES targets in range.
void cross_entropy(ThreadPool& pool, const KernelTable& kernels, const Rows& logits,
                   std::span<const TokenId> targets, std::span<const float> weights,
                   std::span<float> losses);

}  // namespace pecia::kernels
