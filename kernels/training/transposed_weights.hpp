#pragma once
// W^T of every matrix, for forward products: Rows (inputs, outputs). Made again after each step of
// the optimiser. Columns behind the last output are zero. Thread rule: refresh() alone.

#include <vector>

#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/parameters.hpp"

namespace pecia::kernels {

class TransposedWeights {
 public:
  struct Layer {
    Rows q, k, v, o, gate, up, down;
  };

  explicit TransposedWeights(const ModelView& weights);
  // REQUIRES a view of the shape given before.
  void refresh(ThreadPool& pool, const KernelTable& kernels, const ModelView& weights);

  const Layer& layer(std::size_t index) const { return layers_[index]; }
  const Rows& head() const { return head_; }

 private:
  AlignedBuffer memory_;
  std::vector<Layer> layers_;
  Rows head_;
};

}  // namespace pecia::kernels
