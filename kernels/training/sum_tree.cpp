#include "kernels/training/sum_tree.hpp"

#include <bit>
#include <cassert>
#include <utility>

namespace pecia::kernels {
namespace {

constexpr int kLevels = std::bit_width(unsigned(kGradientShards));  // 8, 4, 2 and 1 shards

}  // namespace

SumTree::SumTree(std::size_t floats) {
  for (int level = 0; level < kLevels; ++level) sums_.emplace_back(floats);
}

void SumTree::clear() {
  depth_ = 0;
  leaves_ = 0;
}

void SumTree::join_next(ThreadPool& pool, const KernelTable& kernels) {
  assert(leaves_ < kGradientShards);
  ++leaves_;
  for (int carry = leaves_; carry % 2 == 0; carry /= 2) {
    add(pool, kernels, sums_[depth_ - 1], sums_[depth_]);
    --depth_;
  }
  ++depth_;
}

void SumTree::set_aside() {
  std::swap(sums_.front(), sums_.back());
  clear();
}

void SumTree::join_aside(ThreadPool& pool, const KernelTable& kernels) {
  if (&next() != &sums_.back()) std::swap(next(), sums_.back());
  join_next(pool, kernels);
}

}  // namespace pecia::kernels
