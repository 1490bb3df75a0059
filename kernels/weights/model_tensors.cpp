#include "kernels/weights/model_tensors.hpp"

#include <fmt/format.h>

namespace pecia::kernels {
namespace {

using Shape = std::vector<std::uint64_t>;

// The tensors of one layer, in file order.
class LayerSpecs {
 public:
  LayerSpecs(const ModelParams& params, int layer, std::vector<TensorSpec>& specs)
      : features_(params.features),
        prefix_(fmt::format("blk.{}", layer)),
        specs_(specs),
        width_(static_cast<std::uint64_t>(params.width)),
        ffn_(static_cast<std::uint64_t>(params.ffn_width)),
        head_(static_cast<std::uint64_t>(params.head_dim)),
        query_(head_ * static_cast<std::uint64_t>(params.heads)),
        key_(head_ * static_cast<std::uint64_t>(params.kv_heads)) {}

  void add_attention() {
    add_norm("attn_norm");
    if (features_.fused_qkv) {
      add_linear("attn_qkv", width_, query_ + 2 * key_, features_.qkv_bias);
    } else {
      add_linear("attn_q", width_, query_, features_.qkv_bias);
      add_linear("attn_k", width_, key_, features_.qkv_bias);
      add_linear("attn_v", width_, key_, features_.qkv_bias);
    }
    if (features_.head_norms) {
      add("attn_q_norm", "weight", {head_});
      add("attn_k_norm", "weight", {head_});
    }
    add_linear("attn_output", query_, width_, features_.output_bias);
    if (features_.post_norms) add("post_attention_norm", "weight", {width_});
  }

  void add_feed_forward() {
    const bool own_gate = features_.has_gate() && !features_.fused_gate;
    add_norm("ffn_norm");
    if (own_gate) add_linear("ffn_gate", width_, ffn_, features_.ffn_bias);
    add_linear("ffn_up", width_, features_.fused_gate ? 2 * ffn_ : ffn_, features_.ffn_bias);
    add_linear("ffn_down", ffn_, width_, features_.ffn_bias);
    if (features_.post_norms) add("post_ffw_norm", "weight", {width_});
  }

 private:
  void add(const char* part, const char* kind, Shape shape) {
    specs_.push_back({fmt::format("{}.{}.{}", prefix_, part, kind), std::move(shape)});
  }
  void add_linear(const char* part, std::uint64_t inputs, std::uint64_t outputs, bool bias) {
    add(part, "weight", {inputs, outputs});
    if (bias) add(part, "bias", {outputs});
  }
  void add_norm(const char* part) {
    add(part, "weight", {width_});
    if (features_.norm == NormKind::layer) add(part, "bias", {width_});
  }

  const ModelFeatures& features_;
  std::string prefix_;
  std::vector<TensorSpec>& specs_;
  std::uint64_t width_, ffn_, head_, query_, key_;
};

void add_rope_divisors(const ModelParams& params, std::vector<TensorSpec>& specs) {
  const Shape shape{params.rope_frequency_divisor.size()};
  if (params.long_and_short_rope) {
    specs.push_back({kLongRopeTensor, shape});
    specs.push_back({kShortRopeTensor, shape});
  } else if (!params.rope_frequency_divisor.empty()) {
    specs.push_back({kRopeTensor, shape});
  }
}

}  // namespace

std::uint64_t rope_file_row(std::uint64_t row, std::uint64_t head_dim, std::uint64_t rotated) {
  const std::uint64_t in_head = row % head_dim;
  if (in_head >= rotated) return row;
  const std::uint64_t half = rotated / 2;
  return row - in_head + (in_head < half ? 2 * in_head : 2 * (in_head - half) + 1);
}

std::vector<TensorSpec> model_tensors(const ModelParams& params) {
  const auto width = static_cast<std::uint64_t>(params.width);
  const auto vocabulary = static_cast<std::uint64_t>(params.vocabulary);
  std::vector<TensorSpec> specs;
  specs.push_back({kEmbeddingTensor, {width, vocabulary}});
  if (params.features.positions == Positions::learned) {
    specs.push_back({kPositionTensor, {width, static_cast<std::uint64_t>(params.context)}});
  }
  specs.push_back({"output_norm.weight", {width}});
  if (params.features.norm == NormKind::layer) specs.push_back({"output_norm.bias", {width}});
  if (!params.tied_embeddings) specs.push_back({kHeadTensor, {width, vocabulary}});
  add_rope_divisors(params, specs);
  for (int layer = 0; layer < params.layers; ++layer) {
    LayerSpecs layer_specs(params, layer, specs);
    layer_specs.add_attention();
    layer_specs.add_feed_forward();
  }
  return specs;
}

}  // namespace pecia::kernels
