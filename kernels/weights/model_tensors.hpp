#pragma once
// The tensors of a model: what the loader demands and the synthesiser writes. Names follow the GGUF
// convention, which is one for all architectures; features decide which of them there are.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

struct TensorSpec {
  std::string name;
  std::vector<std::uint64_t> shape;  // as Tensor::shape: elements of a row first
  bool is_matrix() const { return shape.size() == 2; }
  bool is_bias() const { return name.ends_with(".bias"); }
};

inline constexpr const char* kEmbeddingTensor = "token_embd.weight";
inline constexpr const char* kPositionTensor = "position_embd.weight";
inline constexpr const char* kHeadTensor = "output.weight";
inline constexpr const char* kRopeTensor = "rope_freqs.weight";
inline constexpr const char* kLongRopeTensor = "rope_factors_long.weight";
inline constexpr const char* kShortRopeTensor = "rope_factors_short.weight";

// In the usual file order: embedding, positions (where learned), output norm, head (unless tied),
// rope divisors (where there are any), then the layers.
std::vector<TensorSpec> model_tensors(const ModelParams& params);

// Where a file with adjacent pairs keeps row `row` of attn_q or attn_k: it puts the two halves of a
// rotated pair next to each other, the kernels pair row i with row i + rotated / 2 of the same
// head. Rows of a head behind the `rotated` first ones stay where they are.
std::uint64_t rope_file_row(std::uint64_t row, std::uint64_t head_dim, std::uint64_t rotated);
inline std::uint64_t rope_file_row(std::uint64_t row, std::uint64_t head_dim) {
  return rope_file_row(row, head_dim, head_dim);
}

}  // namespace pecia::kernels
