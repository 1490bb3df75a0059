#include "kernels/training/attention_gradient.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/training/transpose_rows.hpp"

namespace pecia::kernels {
namespace {

constexpr int kBlock = Rows::kBlock;

int div_up(int a, int b) { return (a + b - 1) / b; }

int longest(std::span<const RowRange> sequences) {
  int rows = 0;
  for (const RowRange& sequence : sequences) rows = std::max(rows, sequence.rows);
  return rows;
}

// Floats of a tile's scores against `rows` keys.
std::size_t score_floats(int rows) {
  return static_cast<std::size_t>(div_up(rows, kBlock)) * kBlock * kQueryTile;
}

}  // namespace

// Up to kQueryTile queries of one head.
struct CausalAttention::Tile {
  RowRange sequence;
  std::size_t sequence_index;
  int head;
  int kv_head;
  int first;  // query, counted from the sequence's start
  int rows;

  int row() const { return sequence.first + first; }
  int keys() const { return first + rows; }  // of the last query
  int key_blocks() const { return div_up(keys(), kBlock); }
  std::size_t score_stride() const { return static_cast<std::size_t>(rows) * kBlock; }
  float* score_block(float* scores, int block) const { return scores + score_stride() * block; }
  const float* score_block(const float* scores, int block) const {
    return scores + score_stride() * block;
  }
  SoftmaxTile softmax(float* scores) const {
    return {scores, score_stride(), rows, key_blocks(), first + 1, 1};
  }
  bool is_first_of_group(int heads_per_group) const { return head % heads_per_group == 0; }
};

// -- scratch

void CausalAttention::transpose(std::span<const RowRange> sequences, const Rows& x,
                                AlignedBuffer& transposed) {
  first_panel_.clear();
  std::vector<std::pair<std::size_t, int>> blocks;  // sequence, key block
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    first_panel_.push_back(blocks.size());
    for (int b = 0; b < div_up(sequences[s].rows, kBlock); ++b) blocks.emplace_back(s, b);
  }
  transposed.reserve(sizeof(float) * blocks.size() * kBlock * x.cols);
  auto* const out = reinterpret_cast<float*>(transposed.data());
  pool_.run(static_cast<std::int64_t>(blocks.size()), [&](std::int64_t piece, int) {
    const auto [s, block] = blocks[static_cast<std::size_t>(piece)];
    const int rows = std::min(kBlock, sequences[s].rows - block * kBlock);
    const int first = sequences[s].first + block * kBlock;
    float* const panel = out + static_cast<std::size_t>(piece) * kBlock * x.cols;
    for (int c = 0; c < x.blocks(); ++c) {
      transpose_rows(kernels_, x, c, first, rows, panel + c * kBlock * kBlock);
    }
  });
}

const float* CausalAttention::panel(const AlignedBuffer& transposed, const Tile& tile,
                                    int key_block) const {
  const std::size_t panel = first_panel_[tile.sequence_index] + static_cast<std::size_t>(key_block);
  const std::size_t head_floats = static_cast<std::size_t>(kBlock) * shape_.head_dim;
  return reinterpret_cast<const float*>(transposed.data()) +
         (panel * shape_.kv_heads + tile.kv_head) * head_floats;
}

float* CausalAttention::scratch(int member, int rows_max, int matrix) {
  AlignedBuffer& buffer = per_member_[static_cast<std::size_t>(member)];
  buffer.reserve(2 * score_floats(rows_max) * sizeof(float));
  return reinterpret_cast<float*>(buffer.data()) + score_floats(rows_max) * matrix;
}

// -- products of one tile

void CausalAttention::scores(const Tile& tile, const Rows& x, const AlignedBuffer& transposed,
                             float* scores) {
  ProductTile product{};
  product.rows = tile.rows;
  product.a_block_stride = static_cast<std::size_t>(x.rows) * kBlock;
  for (int block = 0; block < tile.key_blocks(); ++block) {
    const float* const keys = panel(transposed, tile, block);
    product.out = tile.score_block(scores, block);
    for (int d = 0; d < shape_.head_dim; d += kProductDepth) {
      product.depth = std::min(kProductDepth, shape_.head_dim - d);
      product.add = d > 0;
      product.a = x.block((tile.head * shape_.head_dim + d) / kBlock, tile.row());
      product.b = keys + static_cast<std::size_t>(d) * kBlock;
      kernels_.training.multiply_rows(product);
    }
  }
}

void CausalAttention::weighted_rows(const Tile& tile, const float* scores, const Rows& x,
                                    const Rows& out) {
  const int blocks = shape_.head_dim / kBlock;
  ProductTile product{};
  product.rows = tile.rows;
  product.a_block_stride = tile.score_stride();
  for (int c = 0; c < blocks; ++c) {
    product.out = out.block(tile.head * blocks + c, tile.row());
    for (int key = 0; key < tile.keys(); key += kProductDepth) {
      product.depth = std::min(kProductDepth, tile.keys() - key);
      product.add = key > 0;
      product.a = tile.score_block(scores, key / kBlock);
      product.b = x.block(tile.kv_head * blocks + c, tile.sequence.first + key);
      kernels_.training.multiply_rows(product);
    }
  }
}

void CausalAttention::add_key_rows(const Tile& tile, const float* scores, const Rows& x,
                                   const Rows& out) {
  const int blocks = shape_.head_dim / kBlock;
  ProductTile product{};
  product.depth = tile.rows;
  product.a_block_stride = kBlock * kBlock;
  for (int c = 0; c < blocks; ++c) {
    product.b = x.block(tile.head * blocks + c, tile.row());
    for (int block = 0; block < tile.key_blocks(); ++block) {
      const int key = block * kBlock;
      product.rows = std::min(kBlock, tile.keys() - key);
      // The first tile that reaches a key begins its sum.
      const bool reached_before =
          key < tile.first || !tile.is_first_of_group(shape_.heads / shape_.kv_heads);
      product.add = reached_before;
      product.a = tile.score_block(scores, block);
      product.out = out.block(tile.kv_head * blocks + c, tile.sequence.first + key);
      kernels_.training.multiply_columns(product);
    }
  }
}

// -- forward

void CausalAttention::forward_tile(const Tile& tile, const AttentionRows& in, const Rows& out,
                                   SoftmaxSums& sums, float* scores) {
  const std::size_t at = static_cast<std::size_t>(tile.head) * out.rows + tile.row();
  float* const inverse = sums.inverse.data() + at;
  this->scores(tile, in.q, transposed_k_, scores);
  kernels_.training.softmax_exp(tile.softmax(scores), sums.maximum.data() + at, inverse);
  for (int row = 0; row < tile.rows; ++row) inverse[row] = 1.0f / inverse[row];
  weighted_rows(tile, scores, in.v, out);
  const int blocks = shape_.head_dim / kBlock;
  kernels_.training.scale_rows(
      {out.block(tile.head * blocks, tile.row()), static_cast<std::size_t>(out.rows) * kBlock,
       tile.rows, blocks, kBlock, 0},
      inverse);
}

void CausalAttention::forward(std::span<const RowRange> sequences, const AttentionRows& in,
                              const Rows& out, SoftmaxSums& sums) {
  const std::size_t count = static_cast<std::size_t>(shape_.heads) * out.rows;
  sums.maximum.resize(count);
  sums.inverse.resize(count);
  transpose(sequences, in.k, transposed_k_);
  std::vector<Tile> tiles;  // the longest first, so that the last pieces are small
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    for (int head = 0; head < shape_.heads; ++head) {
      for (int first = 0; first < sequences[s].rows; first += kQueryTile) {
        tiles.push_back({sequences[s], s, head, head / (shape_.heads / shape_.kv_heads), first,
                         std::min(kQueryTile, sequences[s].rows - first)});
      }
    }
  }
  std::ranges::stable_sort(tiles, std::greater<>(), &Tile::first);
  const int rows_max = longest(sequences);
  pool_.run(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t piece, int member) {
    forward_tile(tiles[static_cast<std::size_t>(piece)], in, out, sums,
                 scratch(member, rows_max, 0));
  });
}

// -- backward

void CausalAttention::backward_tile(const Tile& tile, const AttentionRows& in, const Rows& out,
                                    const SoftmaxSums& sums, const Rows& gradient_out,
                                    const AttentionRows& gradient, float* scores,
                                    float* score_gradient) {
  const std::size_t at = static_cast<std::size_t>(tile.head) * out.rows + tile.row();
  const int blocks = shape_.head_dim / kBlock;
  const SoftmaxTile p = tile.softmax(scores);
  float dots[kQueryTile];
  kernels_.training.row_dots(
      {out.block(tile.head * blocks, tile.row()), static_cast<std::size_t>(out.rows) * kBlock,
       tile.rows, blocks, kBlock, 0},
      gradient_out.block(tile.head * blocks, tile.row()), dots);
  this->scores(tile, in.q, transposed_k_, scores);
  kernels_.training.softmax_again(p, sums.maximum.data() + at, sums.inverse.data() + at);
  add_key_rows(tile, scores, gradient_out, gradient.v);
  this->scores(tile, gradient_out, transposed_v_, score_gradient);
  kernels_.training.softmax_backward(p, score_gradient, dots);
  weighted_rows(tile, score_gradient, in.k, gradient.q);
  add_key_rows(tile, score_gradient, in.q, gradient.k);
}

void CausalAttention::backward(std::span<const RowRange> sequences, const AttentionRows& in,
                               const Rows& out, const SoftmaxSums& sums, const Rows& gradient_out,
                               const AttentionRows& gradient) {
  transpose(sequences, in.k, transposed_k_);
  transpose(sequences, in.v, transposed_v_);
  const int rows_max = longest(sequences);
  const int group = shape_.heads / shape_.kv_heads;
  pool_.run(static_cast<std::int64_t>(sequences.size()) * shape_.kv_heads, [&](std::int64_t piece,
                                                                               int member) {
    const auto s = static_cast<std::size_t>(piece / shape_.kv_heads);
    const int kv_head = static_cast<int>(piece % shape_.kv_heads);
    for (int head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      for (int first = 0; first < sequences[s].rows; first += kQueryTile) {
        const Tile tile{sequences[s], s,     head,
                        kv_head,      first, std::min(kQueryTile, sequences[s].rows - first)};
        backward_tile(tile, in, out, sums, gradient_out, gradient, scratch(member, rows_max, 0),
                      scratch(member, rows_max, 1));
      }
    }
  });
}

}  // namespace pecia::kernels
