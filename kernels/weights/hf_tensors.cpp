#include "kernels/weights/hf_tensors.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <span>

namespace pecia::kernels {
namespace {

struct Entry {
  std::string_view stored;
  std::string_view gguf;  // empty: left out
  HfChange change = HfChange::none;
};

constexpr std::array kOutside{
    Entry{"embed_tokens.weight", "token_embd.weight"},
    Entry{"norm.weight", "output_norm.weight"},
    Entry{"lm_head.weight", "output.weight"},
};
constexpr std::array kInLayer{
    Entry{"input_layernorm.weight", "attn_norm.weight"},
    Entry{"self_attn.q_proj.weight", "attn_q.weight"},
    Entry{"self_attn.q_proj.bias", "attn_q.bias"},
    Entry{"self_attn.k_proj.weight", "attn_k.weight"},
    Entry{"self_attn.k_proj.bias", "attn_k.bias"},
    Entry{"self_attn.v_proj.weight", "attn_v.weight"},
    Entry{"self_attn.v_proj.bias", "attn_v.bias"},
    Entry{"self_attn.qkv_proj.weight", "attn_qkv.weight"},
    Entry{"self_attn.o_proj.weight", "attn_output.weight"},
    Entry{"self_attn.o_proj.bias", "attn_output.bias"},
    Entry{"self_attn.q_norm.weight", "attn_q_norm.weight"},
    Entry{"self_attn.k_norm.weight", "attn_k_norm.weight"},
    Entry{"self_attn.rotary_emb.inv_freq", ""},  // follows from the config
    Entry{"post_attention_layernorm.weight", "ffn_norm.weight"},
    Entry{"mlp.gate_proj.weight", "ffn_gate.weight"},
    Entry{"mlp.gate_proj.bias", "ffn_gate.bias"},
    Entry{"mlp.up_proj.weight", "ffn_up.weight"},
    Entry{"mlp.up_proj.bias", "ffn_up.bias"},
    Entry{"mlp.gate_up_proj.weight", "ffn_up.weight"},
    Entry{"mlp.down_proj.weight", "ffn_down.weight"},
    Entry{"mlp.down_proj.bias", "ffn_down.bias"},
};
constexpr std::array kInGemmaLayer{
    Entry{"post_attention_layernorm.weight", "post_attention_norm.weight"},
    Entry{"pre_feedforward_layernorm.weight", "ffn_norm.weight"},
    Entry{"post_feedforward_layernorm.weight", "post_ffw_norm.weight"},
};
constexpr std::array kOutsideGpt2{
    Entry{"wte.weight", "token_embd.weight"},   Entry{"wpe.weight", "position_embd.weight"},
    Entry{"ln_f.weight", "output_norm.weight"}, Entry{"ln_f.bias", "output_norm.bias"},
    Entry{"lm_head.weight", "output.weight"},
};
constexpr std::array kInGpt2Layer{
    Entry{"ln_1.weight", "attn_norm.weight"},
    Entry{"ln_1.bias", "attn_norm.bias"},
    Entry{"attn.c_attn.weight", "attn_qkv.weight", HfChange::transpose},
    Entry{"attn.c_attn.bias", "attn_qkv.bias"},
    Entry{"attn.c_proj.weight", "attn_output.weight", HfChange::transpose},
    Entry{"attn.c_proj.bias", "attn_output.bias"},
    Entry{"attn.bias", ""},  // the causal mask
    Entry{"attn.masked_bias", ""},
    Entry{"ln_2.weight", "ffn_norm.weight"},
    Entry{"ln_2.bias", "ffn_norm.bias"},
    Entry{"mlp.c_fc.weight", "ffn_up.weight", HfChange::transpose},
    Entry{"mlp.c_fc.bias", "ffn_up.bias"},
    Entry{"mlp.c_proj.weight", "ffn_down.weight", HfChange::transpose},
    Entry{"mlp.c_proj.bias", "ffn_down.bias"},
};

const Entry* find(std::span<const Entry> entries, std::string_view stored) {
  for (const Entry& entry : entries) {
    if (entry.stored == stored) return &entry;
  }
  return nullptr;
}

bool drop_prefix(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

// "layers.12.rest" -> 12, leaving "rest".
std::optional<unsigned> take_layer(std::string_view& name, std::string_view list) {
  std::string_view rest = name;
  if (!drop_prefix(rest, list)) return std::nullopt;
  unsigned layer = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  const bool padded = digits > 1 && rest.front() == '0';
  if (error != std::errc() || digits > 4 || padded || digits == rest.size() || *end != '.') {
    return std::nullopt;
  }
  name = rest.substr(digits + 1);
  return layer;
}

HfChange change_of(std::string_view architecture, const Entry& entry) {
  const bool turned = entry.gguf.starts_with("attn_q.") || entry.gguf.starts_with("attn_k.");
  if (architecture == "llama" && turned) return HfChange::halves;
  const bool norm = entry.gguf.ends_with("norm.weight");
  if (architecture == "gemma3" && norm) return HfChange::plus_one;
  return entry.change;
}

// The tower that sees images, beside the text model of the same file.
bool is_vision(std::string_view name) {
  return name.starts_with("vision_tower.") || name.starts_with("multi_modal_projector.") ||
         name.starts_with("model.vision_tower.") ||
         name.starts_with("model.multi_modal_projector.");
}

}  // namespace

std::optional<HfPlace> hf_place(std::string_view architecture, std::string_view name) {
  const bool gpt2 = architecture == "gpt2";
  if (architecture == "gemma3") {
    if (is_vision(name)) return HfPlace{};
    if (!drop_prefix(name, "model.language_model.")) drop_prefix(name, "language_model.");
  }
  drop_prefix(name, gpt2 ? "transformer." : "model.");
  const auto layer = take_layer(name, gpt2 ? "h." : "layers.");
  const Entry* entry = nullptr;
  if (layer && architecture == "gemma3") entry = find(kInGemmaLayer, name);
  if (entry == nullptr && layer) entry = gpt2 ? find(kInGpt2Layer, name) : find(kInLayer, name);
  if (!layer) entry = gpt2 ? find(kOutsideGpt2, name) : find(kOutside, name);
  if (entry == nullptr) return std::nullopt;
  if (entry->gguf.empty()) return HfPlace{};
  const std::string prefix = layer ? fmt::format("blk.{}.", *layer) : std::string();
  return HfPlace{prefix + std::string(entry->gguf), change_of(architecture, *entry)};
}

}  // namespace pecia::kernels
