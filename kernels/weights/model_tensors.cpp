#include "kernels/weights/llama_tensors.hpp"

#include <fmt/format.h>

namespace pecia::kernels {
namespace {

void add_layer(const ModelParams& params, int layer, std::vector<TensorSpec>& specs) {
  const auto width = static_cast<std::uint64_t>(params.width);
  const auto ffn = static_cast<std::uint64_t>(params.ffn_width);
  const auto head_dim = static_cast<std::uint64_t>(params.head_dim);
  const std::uint64_t query = head_dim * static_cast<std::uint64_t>(params.heads);
  const std::uint64_t key = head_dim * static_cast<std::uint64_t>(params.kv_heads);
  const auto add = [&specs, layer](const char* part, std::vector<std::uint64_t> shape) {
    specs.push_back({fmt::format("blk.{}.{}.weight", layer, part), std::move(shape)});
  };
  add("attn_norm", {width});
  add("attn_q", {width, query});
  add("attn_k", {width, key});
  add("attn_v", {width, key});
  add("attn_output", {query, width});
  add("ffn_norm", {width});
  add("ffn_gate", {width, ffn});
  add("ffn_up", {width, ffn});
  add("ffn_down", {ffn, width});
}

}  // namespace

std::uint64_t rope_file_row(std::uint64_t row, std::uint64_t head_dim) {
  const std::uint64_t in_head = row % head_dim;
  const std::uint64_t half = head_dim / 2;
  return row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
}

std::vector<TensorSpec> llama_tensors(const ModelParams& params) {
  const auto width = static_cast<std::uint64_t>(params.width);
  const auto vocabulary = static_cast<std::uint64_t>(params.vocabulary);
  std::vector<TensorSpec> specs;
  specs.push_back({kEmbeddingTensor, {width, vocabulary}});
  specs.push_back({"output_norm.weight", {width}});
  if (!params.tied_embeddings) specs.push_back({kHeadTensor, {width, vocabulary}});
  if (!params.rope_frequency_divisor.empty()) {
    specs.push_back({kRopeTensor, {params.rope_frequency_divisor.size()}});
  }
  for (int layer = 0; layer < params.layers; ++layer) add_layer(params, layer, specs);
  return specs;
}

}  // namespace pecia::kernels
