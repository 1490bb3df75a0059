#pragma once
// Causal attention of whole sequences for training, forward and back, K and V in f32. Softmax is
// taken over a row at once; scores are computed twice rather than kept, so memory grows with the
// length, not with its square.
// Bits: scores and outputs are chains in chunks of 128 as every product; softmax as
// TrainingKernels says; the gradients of K and V are sums over tiles of 64 queries, head after head
// of a group, tiles ascending. A piece of work is a tile of one head (forward) or a whole head of
// keys (backward).

#include <span>
#include <vector>

#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/attention.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/row_range.hpp"

namespace pecia::kernels {

inline constexpr int kQueryTile = kSoftmaxRowsMax;  // queries: part of the contract

// Of all heads and rows: m[head * rows + row], and 1 / l.
struct SoftmaxSums {
  std::vector<float> maximum;
  std::vector<float> inverse;
};

struct AttentionRows {
  Rows q;  // (T, heads * head_dim), rotated and scaled
  Rows k;  // (T, kv_heads * head_dim), rotated
  Rows v;  // (T, kv_heads * head_dim)
};

// Scratch of attention, reused from call to call. REQUIRES head_dim a multiple of 32.
class CausalAttention {
 public:
  CausalAttention(ThreadPool& pool, const KernelTable& kernels, const AttentionShape& shape)
      : pool_(pool),
        kernels_(kernels),
        shape_(shape),
        per_member_(static_cast<std::size_t>(pool.threads())) {}

  // out (T, heads * head_dim); `sums` is what backward() needs of this layer.
  void forward(std::span<const RowRange> sequences, const AttentionRows& in, const Rows& out,
               SoftmaxSums& sums);
  // gradient.q, .k and .v are overwritten; `out` and `sums` as forward() left them.
  void backward(std::span<const RowRange> sequences, const AttentionRows& in, const Rows& out,
                const SoftmaxSums& sums, const Rows& gradient_out, const AttentionRows& gradient);

 private:
  struct Tile;
  // x^T of every sequence and head of keys, as panels of 32 positions.
  void transpose(std::span<const RowRange> sequences, const Rows& x, AlignedBuffer& transposed);
  const float* panel(const AlignedBuffer& transposed, const Tile& tile, int key_block) const;
  float* scratch(int member, int rows_max, int matrix);

  void forward_tile(const Tile& tile, const AttentionRows& in, const Rows& out, SoftmaxSums& sums,
                    float* scores);
  void backward_tile(const Tile& tile, const AttentionRows& in, const Rows& out,
                     const SoftmaxSums& sums, const Rows& gradient_out,
                     const AttentionRows& gradient, float* scores, float* score_gradient);
  // scores = rows of x (T, heads * head_dim) times the panels of every key block.
  void scores(const Tile& tile, const Rows& x, const AlignedBuffer& transposed, float* scores);
  // rows of out = scores times rows of x (T, kv_heads * head_dim).
  void weighted_rows(const Tile& tile, const float* scores, const Rows& x, const Rows& out);
  // rows of out (T, kv_heads * head_dim) += scores^T times rows of x (T, heads * head_dim).
  void add_key_rows(const Tile& tile, const float* scores, const Rows& x, const Rows& out);

  ThreadPool& pool_;
  const KernelTable& kernels_;
  AttentionShape shape_;
  std::vector<AlignedBuffer> per_member_;
  AlignedBuffer transposed_k_;
  AlignedBuffer transposed_v_;
  std::vector<std::size_t> first_panel_;  // per sequence, in panels of one head's width
};

}  // namespace pecia::kernels
