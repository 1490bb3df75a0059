#include "kernels/weights/hf_tensors.hpp"

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

std::string name_of(std::string_view architecture, std::string_view name) {
  const auto place = hf_place(architecture, name);
  return place ? place->name : "unknown";
}

HfChange change_of(std::string_view architecture, std::string_view name) {
  return hf_place(architecture, name)->change;
}

}  // namespace

TEST_CASE("tensors of the llama family have their GGUF names") {
  CHECK(name_of("llama", "model.embed_tokens.weight") == "token_embd.weight");
  CHECK(name_of("qwen2", "model.norm.weight") == "output_norm.weight");
  CHECK(name_of("llama", "lm_head.weight") == "output.weight");
  CHECK(name_of("llama", "model.layers.31.mlp.down_proj.weight") == "blk.31.ffn_down.weight");
  CHECK(name_of("qwen2", "model.layers.0.self_attn.v_proj.bias") == "blk.0.attn_v.bias");
  CHECK(name_of("qwen3", "model.layers.0.self_attn.q_norm.weight") == "blk.0.attn_q_norm.weight");
  CHECK(name_of("phi3", "model.layers.2.self_attn.qkv_proj.weight") == "blk.2.attn_qkv.weight");
  CHECK(name_of("phi3", "model.layers.2.mlp.gate_up_proj.weight") == "blk.2.ffn_up.weight");
  CHECK(name_of("llama", "layers.3.input_layernorm.weight") == "blk.3.attn_norm.weight");
}

TEST_CASE("gemma-3 has two norms more, and its norms lack the 1") {
  const std::string layer = "model.layers.5.";
  CHECK(name_of("gemma3", layer + "post_attention_layernorm.weight") ==
        "blk.5.post_attention_norm.weight");
  CHECK(name_of("gemma3", layer + "pre_feedforward_layernorm.weight") == "blk.5.ffn_norm.weight");
  CHECK(name_of("gemma3", layer + "post_feedforward_layernorm.weight") ==
        "blk.5.post_ffw_norm.weight");
  CHECK(name_of("llama", layer + "post_attention_layernorm.weight") == "blk.5.ffn_norm.weight");
  for (const char* norm : {"input_layernorm", "self_attn.q_norm", "self_attn.k_norm"}) {
    CHECK(change_of("gemma3", layer + norm + ".weight") == HfChange::plus_one);
    CHECK(change_of("qwen3", layer + norm + ".weight") == HfChange::none);
  }
  CHECK(change_of("gemma3", "model.norm.weight") == HfChange::plus_one);
  CHECK(change_of("gemma3", "model.embed_tokens.weight") == HfChange::none);
  CHECK(name_of("gemma3", "language_model.model.norm.weight") == "output_norm.weight");
  CHECK(name_of("gemma3", "model.language_model.layers.0.mlp.up_proj.weight") ==
        "blk.0.ffn_up.weight");
  CHECK(name_of("gemma3", "vision_tower.vision_model.encoder.layers.0.mlp.fc1.bias").empty());
}

TEST_CASE("only llama files interleave the rows of q and k") {
  const std::string q = "model.layers.0.self_attn.q_proj.weight";
  CHECK(change_of("llama", q) == HfChange::halves);
  CHECK(change_of("llama", "model.layers.0.self_attn.k_proj.bias") == HfChange::halves);
  CHECK(change_of("llama", "model.layers.0.self_attn.v_proj.weight") == HfChange::none);
  for (const char* other : {"qwen2", "qwen3", "gemma3"})
    CHECK(change_of(other, q) == HfChange::none);
}

TEST_CASE("gpt-2 keeps matrices transposed, with or without the prefix of its head") {
  for (const std::string prefix : {"", "transformer."}) {
    CHECK(name_of("gpt2", prefix + "wte.weight") == "token_embd.weight");
    CHECK(name_of("gpt2", prefix + "wpe.weight") == "position_embd.weight");
    CHECK(name_of("gpt2", prefix + "h.1.attn.c_proj.weight") == "blk.1.attn_output.weight");
    CHECK(change_of("gpt2", prefix + "h.1.mlp.c_proj.weight") == HfChange::transpose);
    CHECK(change_of("gpt2", prefix + "h.1.mlp.c_proj.bias") == HfChange::none);
    CHECK(name_of("gpt2", prefix + "h.1.attn.bias").empty());
  }
}

TEST_CASE("names that no model of the architecture has are unknown") {
  for (const char* name :
       {"", "model.", "model.layers.0", "model.layers..mlp.up_proj.weight",
        "model.layers.00.mlp.up_proj.weight", "model.layers.12345.input_layernorm.weight",
        "model.layers.-1.input_layernorm.weight", "model.layers.0.mlp.experts.0.w1.weight",
        "model.layers.0.input_layernorm.bias", "h.0.ln_1.weight"}) {
    CHECK(name_of("llama", name) == "unknown");
  }
  CHECK(name_of("gpt2", "model.embed_tokens.weight") == "unknown");
  CHECK(name_of("llama", "vision_tower.x") == "unknown");
}
