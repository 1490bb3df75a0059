#pragma once
// Rows of the embedding, and their gradient: each position's gradient is added to its token's row,
// positions ascending, so that no order depends on threads.

#include <span>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

// x (T, width) = embedding[tokens]. REQUIRES ids in [0, embedding.rows).
void embed(ThreadPool& pool, std::span<const TokenId> tokens, const Rows& embedding, const Rows& x);
// gradient_embedding[token] += gradient_x[position], in order of position.
void embed_backward(ThreadPool& pool, const KernelTable& kernels, std::span<const TokenId> tokens,
                    const Rows& gradient_x, const Rows& gradient_embedding);

}  // namespace pecia::kernels
