#include "kernels/training/transposed_weights.hpp"

#include <algorithm>
#include <utility>

#include "kernels/training/transpose_rows.hpp"

namespace pecia::kernels {
namespace {

constexpr int kBlock = Rows::kBlock;

struct Pair {
  Rows from;  // (N, K)
  Rows to;    // (K, N)
};

using Member = Rows LayerView::*;
using TransposedMember = Rows TransposedWeights::Layer::*;
constexpr std::pair<Member, TransposedMember> kMembers[] = {
    {&LayerView::q, &TransposedWeights::Layer::q},
    {&LayerView::k, &TransposedWeights::Layer::k},
    {&LayerView::v, &TransposedWeights::Layer::v},
    {&LayerView::o, &TransposedWeights::Layer::o},
    {&LayerView::gate, &TransposedWeights::Layer::gate},
    {&LayerView::up, &TransposedWeights::Layer::up},
    {&LayerView::down, &TransposedWeights::Layer::down}};

// One 32-block of outputs, all inputs.
void transpose_outputs(const KernelTable& kernels, const Pair& pair, int output_block) {
  const int first = output_block * kBlock;
  const int rows = std::min(kBlock, pair.from.rows - first);
  for (int k = 0; k < pair.from.blocks(); ++k) {
    transpose_rows(kernels, pair.from, k, first, rows, pair.to.block(output_block, k * kBlock));
  }
}

}  // namespace

TransposedWeights::TransposedWeights(const ModelView& weights) : layers_(weights.layers.size()) {
  std::size_t floats = 0;
  const auto reserve = [&floats](const Rows& matrix, Rows& transposed) {
    transposed = {nullptr, matrix.cols, matrix.rows};
    floats += transposed.floats();
  };
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const auto& [from, to] : kMembers) reserve(weights.layers[i].*from, layers_[i].*to);
  }
  reserve(weights.head, head_);
  memory_.reserve(floats * sizeof(float));
  float* next = reinterpret_cast<float*>(memory_.data());
  for (Layer& layer : layers_) {
    for (const auto& member : kMembers) {
      Rows& matrix = layer.*member.second;
      matrix.data = next;
      next += matrix.floats();
    }
  }
  head_.data = next;
}

void TransposedWeights::refresh(ThreadPool& pool, const KernelTable& kernels,
                                const ModelView& weights) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const auto& [from, to] : kMembers) {
      pairs.push_back({weights.layers[i].*from, layers_[i].*to});
    }
  }
  pairs.push_back({weights.head, head_});
  std::vector<std::pair<std::size_t, int>> pieces;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (int block = 0; block < pairs[i].to.blocks(); ++block) pieces.emplace_back(i, block);
  }
  pool.run(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t piece, int) {
    const auto& [pair, block] = pieces[static_cast<std::size_t>(piece)];
    transpose_outputs(kernels, pairs[pair], block);
  });
}

}  // namespace pecia::kernels
