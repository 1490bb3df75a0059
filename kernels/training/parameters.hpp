#pragma once
// The parameters of a llama-shaped model as one flat array of floats: tensors in the order of
// model_tensors(), each matrix W (outputs, inputs) as Rows of `outputs` rows, each norm as one row.
// Gradients and both moments of the optimiser have the same layout. Rows of attn_q and attn_k stand
// in the engine's order: pair (i, i + head_dim / 2) of a head is rotated together.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// Width, head_dim and ffn_width must be whole blocks of 32, the rotation plain; else an Error (kind
// refuse) that names the number.
Status check_trainable(const ModelParams& shape);

struct ParameterSpec {
  std::string name;    // as in the GGUF file
  std::size_t offset;  // floats
  int rows;            // outputs; 1 for a norm
  int cols;            // inputs, a multiple of 32
  bool is_matrix;
  std::size_t floats() const { return static_cast<std::size_t>(rows) * cols; }
};

class ParameterTable {
 public:
  explicit ParameterTable(const ModelParams& shape);  // REQUIRES check_trainable(shape)
  std::span<const ParameterSpec> entries() const { return entries_; }
  std::size_t floats() const { return floats_; }

 private:
  std::vector<ParameterSpec> entries_;
  std::size_t floats_ = 0;
};

struct LayerView {
  Rows attention_norm, q, k, v, o, ffn_norm, gate, up, down;
};
struct ModelView {
  Rows embedding, output_norm, head;  // head: the embedding itself where they are tied
  std::vector<LayerView> layers;
};
// The tensors inside an array laid out by `table`.
ModelView view_of(const ParameterTable& table, const ModelParams& shape, float* floats);

// Normal deviates from Philox keyed by `seed`: matrices with `deviation`, those that write into the
// residual row with deviation / sqrt(2 layers); norms 1. A pure function of its arguments.
void initialise(const ParameterTable& table, const ModelParams& shape, std::uint64_t seed,
                double deviation, float* floats);

}  // namespace pecia::kernels
