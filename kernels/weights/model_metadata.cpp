#include "kernels/weights/llama_metadata.hpp"

namespace pecia::kernels {

void add_llama_params(GgufHeader& header, const ModelParams& params) {
  const auto add = [&header](const char* key, int value) {
    header.add_u32(key, static_cast<std::uint32_t>(value));
  };
  add("llama.block_count", params.layers);
  add("llama.context_length", params.context);
  add("llama.embedding_length", params.width);
  add("llama.feed_forward_length", params.ffn_width);
  add("llama.attention.head_count", params.heads);
  add("llama.attention.head_count_kv", params.kv_heads);
  add("llama.attention.key_length", params.head_dim);
  add("llama.attention.value_length", params.head_dim);
  add("llama.rope.dimension_count", params.head_dim);
  add("llama.vocab_size", params.vocabulary);
  header.add_f32("llama.attention.layer_norm_rms_epsilon", params.norm_epsilon);
  header.add_f32("llama.rope.freq_base", static_cast<float>(params.rope_base));
  if (params.rope_linear_scale > 1) {
    header.add_text("llama.rope.scaling.type", "linear");
    header.add_f32("llama.rope.scaling.factor", static_cast<float>(params.rope_linear_scale));
  }
}

}  // namespace pecia::kernels
