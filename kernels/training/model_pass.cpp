#include "kernels/training/model_pass.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "kernels/base/float_mode.hpp"
#include "kernels/training/cross_entropy.hpp"
#include "kernels/training/embedding.hpp"
#include "kernels/training/feed_forward_gate.hpp"
#include "kernels/training/norm_gradient.hpp"
#include "kernels/training/products.hpp"
#include "kernels/training/rotation.hpp"

namespace pecia::kernels {
namespace {

std::span<const float> norm_weights(const Rows& norm) {
  return {norm.data, static_cast<std::size_t>(norm.cols)};
}

}  // namespace

struct ModelPass::Layer {
  Rows input, attention_norm, q, k, v, attended, middle, ffn_norm, gate, up, hidden;
  SoftmaxSums* sums;
};

ModelPass::ModelPass(ThreadPool& pool, const KernelTable& kernels, const ModelParams& shape)
    : pool_(pool),
      kernels_(kernels),
      shape_(shape),
      rope_(shape.head_dim, shape.rope_base, shape.rope_linear_scale, {}),
      attention_(pool, kernels, {shape.heads, shape.kv_heads, shape.head_dim}),
      layers_(static_cast<std::size_t>(shape.layers)) {}

ModelPass::Layer ModelPass::shaped(std::size_t index, int rows) {
  LayerActivations& layer = layers_[index];
  const int query = shape_.heads * shape_.head_dim;
  const int key = shape_.kv_heads * shape_.head_dim;
  return {layer.input.shaped(rows, shape_.width),
          layer.attention_norm.shaped(rows, shape_.width),
          layer.q.shaped(rows, query),
          layer.k.shaped(rows, key),
          layer.v.shaped(rows, key),
          layer.attended.shaped(rows, query),
          layer.middle.shaped(rows, shape_.width),
          layer.ffn_norm.shaped(rows, shape_.width),
          layer.gate.shaped(rows, shape_.ffn_width),
          layer.up.shaped(rows, shape_.ffn_width),
          layer.hidden.shaped(rows, shape_.ffn_width),
          &layer.sums};
}

// -- forward

void ModelPass::forward_layer(const PassInput& input, const LayerView& weights,
                              const TransposedWeights::Layer& transposed, const Layer& layer,
                              const Rows& out) {
  const auto& sequences = input.rows.sequences;
  const float scale = 1.0f / std::sqrt(static_cast<float>(shape_.head_dim));
  rms_norm(pool_, kernels_, layer.input, layer.attention_norm, norm_weights(weights.attention_norm),
           shape_.norm_epsilon);
  const std::array qkv = {RowsProduct{{{layer.attention_norm, transposed.q}}, layer.q},
                          RowsProduct{{{layer.attention_norm, transposed.k}}, layer.k},
                          RowsProduct{{{layer.attention_norm, transposed.v}}, layer.v}};
  multiply(pool_, kernels_, {}, qkv, {});
  rotate(pool_, kernels_, rope_, sequences, layer.q, scale, Direction::forward);
  rotate(pool_, kernels_, rope_, sequences, layer.k, 1.0f, Direction::forward);
  attention_.forward(sequences, {layer.q, layer.k, layer.v}, layer.attended, *layer.sums);
  multiply(pool_, kernels_, {},
           std::array{RowsProduct{{{layer.attended, transposed.o}}, layer.middle}}, {});
  add(pool_, kernels_, layer.middle, layer.input);

  rms_norm(pool_, kernels_, layer.middle, layer.ffn_norm, norm_weights(weights.ffn_norm),
           shape_.norm_epsilon);
  const std::array gate_up = {RowsProduct{{{layer.ffn_norm, transposed.gate}}, layer.gate},
                              RowsProduct{{{layer.ffn_norm, transposed.up}}, layer.up}};
  multiply(pool_, kernels_, {}, gate_up, {});
  swiglu(pool_, kernels_, layer.gate, layer.up, layer.hidden);
  multiply(pool_, kernels_, {}, std::array{RowsProduct{{{layer.hidden, transposed.down}}, out}},
           {});
  add(pool_, kernels_, out, layer.middle);
}

Rows ModelPass::run_layers(const PassInput& input, const ModelView& weights,
                           const TransposedWeights& transposed) {
  const int rows = input.rows.rows;
  assert(static_cast<int>(input.tokens.size()) == rows && rows > 0);
  int longest = 0;
  for (const RowRange& sequence : input.rows.sequences) longest = std::max(longest, sequence.rows);
  rope_.extend(longest);
  embed(pool_, input.tokens, weights.embedding, shaped(0, rows).input);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool is_last = i + 1 == layers_.size();
    const Rows out = is_last ? last_.shaped(rows, shape_.width) : shaped(i + 1, rows).input;
    forward_layer(input, weights.layers[i], transposed.layer(i), shaped(i, rows), out);
  }
  const Rows last = last_.shaped(rows, shape_.width);
  const Rows norm = last_norm_.shaped(rows, shape_.width);
  rms_norm(pool_, kernels_, last, norm, norm_weights(weights.output_norm), shape_.norm_epsilon);
  const Rows logits = logits_.shaped(rows, shape_.vocabulary);
  multiply(pool_, kernels_, {}, std::array{RowsProduct{{{norm, transposed.head()}}, logits}}, {});
  return logits;
}

Rows ModelPass::logits(const PassInput& input, const ModelView& weights,
                       const TransposedWeights& transposed) {
  const FloatModeGuard mode;
  return run_layers(input, weights, transposed);
}

void ModelPass::forward(const PassInput& input, const ModelView& weights,
                        const TransposedWeights& transposed) {
  const FloatModeGuard mode;
  const Rows logits = run_layers(input, weights, transposed);
  losses_.resize(input.tokens.size());
  cross_entropy(pool_, kernels_, logits, input.targets, input.weights, losses_);
}

// -- backward

// `stream`: the gradient of the layer's output, which becomes that of its input.
void ModelPass::backward_feed_forward(const PassInput& input, const LayerView& weights,
                                      const LayerView& gradient, const Layer& layer,
                                      const Rows& stream) {
  const auto& units = input.rows.units;
  const int rows = stream.rows;
  const Rows hidden = wide_gradient_.shaped(rows, shape_.ffn_width);
  multiply(pool_, kernels_, units, std::array{RowsProduct{{{stream, weights.down}}, hidden}},
           std::array{ColumnsProduct{stream, layer.hidden, gradient.down}});
  swiglu_backward(pool_, kernels_, layer.gate, layer.up, hidden);
  const Rows norm = norm_gradient_.shaped(rows, shape_.width);
  multiply(pool_, kernels_, units,
           std::array{RowsProduct{{{layer.gate, weights.gate}, {layer.up, weights.up}}, norm}},
           std::array{ColumnsProduct{layer.gate, layer.ffn_norm, gradient.gate},
                      ColumnsProduct{layer.up, layer.ffn_norm, gradient.up}});
  rms_norm_backward(pool_, kernels_, units, layer.middle, weights.ffn_norm, shape_.norm_epsilon,
                    norm, stream, gradient.ffn_norm, inverse_rms_);
}

void ModelPass::backward_layer(const PassInput& input, const LayerView& weights,
                               const LayerView& gradient, const Layer& layer, const Rows& stream) {
  backward_feed_forward(input, weights, gradient, layer, stream);

  const auto& units = input.rows.units;
  const auto& sequences = input.rows.sequences;
  const int rows = stream.rows;
  const float scale = 1.0f / std::sqrt(static_cast<float>(shape_.head_dim));
  const Rows attended = wide_gradient_.shaped(rows, layer.attended.cols);
  multiply(pool_, kernels_, units, std::array{RowsProduct{{{stream, weights.o}}, attended}},
           std::array{ColumnsProduct{stream, layer.attended, gradient.o}});
  const AttentionRows qkv{q_gradient_.shaped(rows, layer.q.cols),
                          k_gradient_.shaped(rows, layer.k.cols),
                          v_gradient_.shaped(rows, layer.v.cols)};
  attention_.backward(sequences, {layer.q, layer.k, layer.v}, layer.attended, *layer.sums, attended,
                      qkv);
  rotate(pool_, kernels_, rope_, sequences, qkv.q, scale, Direction::inverse);
  rotate(pool_, kernels_, rope_, sequences, qkv.k, 1.0f, Direction::inverse);
  const Rows norm = norm_gradient_.shaped(rows, shape_.width);
  multiply(
      pool_, kernels_, units,
      std::array{RowsProduct{{{qkv.q, weights.q}, {qkv.k, weights.k}, {qkv.v, weights.v}}, norm}},
      std::array{ColumnsProduct{qkv.q, layer.attention_norm, gradient.q},
                 ColumnsProduct{qkv.k, layer.attention_norm, gradient.k},
                 ColumnsProduct{qkv.v, layer.attention_norm, gradient.v}});
  rms_norm_backward(pool_, kernels_, units, layer.input, weights.attention_norm,
                    shape_.norm_epsilon, norm, stream, gradient.attention_norm, inverse_rms_);
}

void ModelPass::backward(const PassInput& input, const ModelView& weights,
                         const ModelView& gradient) {
  const FloatModeGuard mode;
  const auto& units = input.rows.units;
  const int rows = input.rows.rows;
  const Rows logits = logits_.shaped(rows, shape_.vocabulary);  // by now their gradient
  const Rows norm = norm_gradient_.shaped(rows, shape_.width);
  multiply(
      pool_, kernels_, units, std::array{RowsProduct{{{logits, weights.head}}, norm}},
      std::array{ColumnsProduct{logits, last_norm_.shaped(rows, shape_.width), gradient.head}});
  const Rows stream = stream_.shaped(rows, shape_.width);
  std::fill_n(stream.data, stream.floats(), 0.0f);
  rms_norm_backward(pool_, kernels_, units, last_.shaped(rows, shape_.width), weights.output_norm,
                    shape_.norm_epsilon, norm, stream, gradient.output_norm, inverse_rms_);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    backward_layer(input, weights.layers[i], gradient.layers[i], shaped(i, rows), stream);
  }
  embed_backward(pool_, kernels_, input.tokens, stream, gradient.embedding);
}

}  // namespace pecia::kernels
