#pragma once
// Joins sums that come in the order of their shards as a binary counter carries, which is the tree
// of gradient_sum.hpp: at most one sum a level waits, not one a shard.
// Thread rule: one caller at a time.

#include <cstddef>
#include <vector>

#include "kernels/training/gradient_sum.hpp"

namespace pecia::kernels {

class SumTree {
 public:
  explicit SumTree(std::size_t floats);

  void clear();
  int leaves() const { return leaves_; }
  // Where the next leaf is written, whatever lies there.
  GradientSum& next() { return sums_[depth_]; }
  // next() is written: it becomes a leaf.
  void join_next(ThreadPool& pool, const KernelTable& kernels);
  // REQUIRES 1, 2, 4 or 8 leaves.
  const GradientSum& whole() const { return sums_.front(); }

  // Empties the tree but keeps its sum, to become one leaf of a wider tree in its turn.
  void set_aside();
  void join_aside(ThreadPool& pool, const KernelTable& kernels);

 private:
  // [0, depth_) wait for their neighbour. The last is only reached by the eighth leaf, so a sum set
  // aside there is in nobody's way before its own turn.
  std::vector<GradientSum> sums_;
  std::size_t depth_ = 0;
  int leaves_ = 0;
};

}  // namespace pecia::kernels
