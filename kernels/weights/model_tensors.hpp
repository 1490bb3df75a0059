#pragma once
// The tensors of a llama-shaped model: what the loader demands and the synthesiser writes.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

struct TensorSpec {
  std::string name;
  std::vector<std::uint64_t> shape;  // as Tensor::shape: elements of a row first
  bool is_matrix() const { return shape.size() == 2; }
};

inline constexpr const char* kEmbeddingTensor = "token_embd.weight";
inline constexpr const char* kHeadTensor = "output.weight";
inline constexpr const char* kRopeTensor = "rope_freqs.weight";

// In the usual file order: embedding, output norm, head (unless tied), rope divisors (where there
// are any), then the layers.
std::vector<TensorSpec> llama_tensors(const ModelParams& params);

// Where GGUF keeps row `row` of attn_q or attn_k: the file puts the two halves of a rotated pair
// next to each other, the kernels pair row i with row i + head_dim / 2 of the same head.
std::uint64_t rope_file_row(std::uint64_t row, std::uint64_t head_dim);

}  // namespace pecia::kernels
