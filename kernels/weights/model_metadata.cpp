#include "kernels/weights/model_metadata.hpp"

#include <string>

namespace pecia::kernels {
namespace {

class Keys {
 public:
  Keys(GgufHeader& header, const std::string& architecture)
      : header_(header), prefix_(architecture + ".") {}
  void whole(const char* key, int value) {
    header_.add_u32(prefix_ + key, static_cast<std::uint32_t>(value));
  }
  void number(const char* key, double value) {
    header_.add_f32(prefix_ + key, static_cast<float>(value));
  }
  void text(const char* key, const char* value) { header_.add_text(prefix_ + key, value); }

 private:
  GgufHeader& header_;
  std::string prefix_;
};

void add_positions(Keys& keys, const ModelParams& params) {
  keys.number("rope.freq_base", params.rope_base);
  if (params.rope_linear_scale > 1) {
    keys.text("rope.scaling.type", "linear");
    keys.number("rope.scaling.factor", params.rope_linear_scale);
  }
  if (params.long_and_short_rope) keys.number("rope.scaling.attn_factor", params.rope_magnitude);
  if (params.original_context > 0) {
    keys.whole("rope.scaling.original_context_length", params.original_context);
  }
}

// A window of 0 says that an architecture with a rule for files without the key has none.
void add_window(Keys& keys, const ModelParams& params) {
  const Architecture* known = architecture_named(params.architecture);
  const bool has_rule = known != nullptr && known->windowless_context > 0;
  if (params.window > 0 || has_rule) keys.whole("attention.sliding_window", params.window);
  if (known != nullptr && params.window_pattern != known->window_pattern) {
    keys.whole("attention.sliding_window_pattern", params.window_pattern);
  }
  if (known != nullptr && params.local_rope_base > 0 &&
      params.local_rope_base != known->local_rope_base) {
    keys.number("rope.freq_base_swa", params.local_rope_base);
  }
}

}  // namespace

void add_model_params(GgufHeader& header, const ModelParams& params) {
  const bool rotary = params.features.positions == Positions::rotary;
  Keys keys(header, params.architecture);
  keys.whole("block_count", params.layers);
  keys.whole("context_length", params.context);
  keys.whole("embedding_length", params.width);
  keys.whole("feed_forward_length", params.ffn_width);
  keys.whole("attention.head_count", params.heads);
  keys.whole("attention.head_count_kv", params.kv_heads);
  keys.whole("attention.key_length", params.head_dim);
  keys.whole("attention.value_length", params.head_dim);
  if (rotary) keys.whole("rope.dimension_count", params.rotated_dim());
  keys.whole("vocab_size", params.vocabulary);
  keys.number(params.features.norm == NormKind::rms ? "attention.layer_norm_rms_epsilon"
                                                    : "attention.layer_norm_epsilon",
              params.norm_epsilon);
  if (rotary) add_positions(keys, params);
  if (params.query_scale > 0) keys.number("attention.scale", params.query_scale);
  add_window(keys, params);
}

}  // namespace pecia::kernels
