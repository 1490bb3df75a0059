#pragma once
// One way of some sequences through a model and back: losses, and their gradient added to an array
// laid out as the parameters are. Activations are kept, scores of attention are computed twice.
// Thread rule: one caller at a time; the pool's threads split outputs only.

#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/ops.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/attention_gradient.hpp"
#include "kernels/training/parameters.hpp"
#include "kernels/training/row_range.hpp"
#include "kernels/training/transposed_weights.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

// Rows of one pass: row i predicts targets[i] from tokens up to i of its sequence.
struct PassInput {
  PassRows rows;
  std::vector<TokenId> tokens;
  std::vector<TokenId> targets;
  std::vector<float> weights;  // of each target's loss, >= 0
};

class ModelPass {
 public:
  // REQUIRES check_trainable(shape).
  ModelPass(ThreadPool& pool, const KernelTable& kernels, const ModelParams& shape);

  // losses[i] = weights[i] * -log p(targets[i]). REQUIRES ids in the vocabulary and sequences
  // within the shape's context. The last call's activations serve the next backward().
  void forward(const PassInput& input, const ModelView& weights,
               const TransposedWeights& transposed);
  std::span<const float> losses() const { return losses_; }
  // Each unit's gradient of the sum of its losses is added to `gradient`, unit after unit. Once
  // after forward(), with the same arguments.
  void backward(const PassInput& input, const ModelView& weights, const ModelView& gradient);

  // Logits of every row: (rows, vocabulary).
  Rows logits(const PassInput& input, const ModelView& weights,
              const TransposedWeights& transposed);

 private:
  struct LayerActivations {
    RowsBuffer input, attention_norm, q, k, v, attended, middle, ffn_norm, gate, up, hidden;
    SoftmaxSums sums;
  };
  struct Layer;  // the same, shaped for this pass

  Layer shaped(std::size_t index, int rows);
  Rows run_layers(const PassInput& input, const ModelView& weights,
                  const TransposedWeights& transposed);
  void forward_layer(const PassInput& input, const LayerView& weights,
                     const TransposedWeights::Layer& transposed, const Layer& layer,
                     const Rows& out);
  void backward_layer(const PassInput& input, const LayerView& weights, const LayerView& gradient,
                      const Layer& layer, const Rows& stream);
  void backward_feed_forward(const PassInput& input, const LayerView& weights,
                             const LayerView& gradient, const Layer& layer, const Rows& stream);

  ThreadPool& pool_;
  const KernelTable& kernels_;
  ModelParams shape_;
  RopeTable rope_;
  CausalAttention attention_;
  std::vector<LayerActivations> layers_;
  RowsBuffer last_, last_norm_, logits_;
  RowsBuffer stream_, norm_gradient_, q_gradient_, k_gradient_, v_gradient_, wide_gradient_;
  std::vector<float> losses_;
  std::vector<float> inverse_rms_;
};

}  // namespace pecia::kernels
