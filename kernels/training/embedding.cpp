#include "kernels/training/embedding.hpp"

#include <cassert>
#include <cstring>

namespace pecia::kernels {

void embed(ThreadPool& pool, std::span<const TokenId> tokens, const Rows& embedding,
           const Rows& x) {
  assert(static_cast<int>(tokens.size()) == x.rows && embedding.cols == x.cols);
  pool.run(x.blocks(), [&](std::int64_t piece, int) {
    const int block = static_cast<int>(piece);
    float* out = x.block(block, 0);
    for (const TokenId token : tokens) {
      std::memcpy(out, embedding.block(block, token), sizeof(float) * Rows::kBlock);
      out += Rows::kBlock;
    }
  });
}

void embed_backward(ThreadPool& pool, const KernelTable& kernels, std::span<const TokenId> tokens,
                    const Rows& gradient_x, const Rows& gradient_embedding) {
  assert(static_cast<int>(tokens.size()) == gradient_x.rows);
  pool.run(gradient_x.blocks(), [&](std::int64_t piece, int) {
    const int block = static_cast<int>(piece);
    const float* gradient = gradient_x.block(block, 0);
    for (const TokenId token : tokens) {
      kernels.add(gradient_embedding.block(block, token), gradient, Rows::kBlock);
      gradient += Rows::kBlock;
    }
  });
}

}  // namespace pecia::kernels
