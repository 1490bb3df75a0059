// config.json of every architecture as the keys that GGUF files carry.
#include "kernels/weights/hf_config.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

// The numbers of a config.json of the class `name`, without rotation and windows.
Json config_of(const char* name) {
  return {
      {"architectures", Json::array({name})},
      {"num_hidden_layers", 4},
      {"hidden_size", 64},
      {"intermediate_size", 96},
      {"num_attention_heads", 4},
      {"num_key_value_heads", 2},
      {"vocab_size", 300},
      {"max_position_embeddings", 512},
      {"rms_norm_eps", 1e-6},
      {"hidden_act", std::string_view(name).starts_with("Gemma") ? "gelu_pytorch_tanh" : "silu"}};
}

// The metadata and the config together.
struct Read {
  std::vector<std::byte> bytes;
  HfConfig config;

  ModelFile file() const { return ModelFile::parse(bytes, "made").value(); }
  std::uint64_t whole(const char* key) const {
    return file().find_unsigned(key).value().value_or(0);
  }
  double number(const char* key) const { return file().find_number(key).value().value_or(0); }
  bool has(const char* key) const { return file().find(key) != nullptr; }
};

Read read(const Json& config) {
  GgufHeader header;
  auto made = read_hf_config(config, "config.json", header);
  if (!made) FAIL(made.error().message);
  return {header.bytes(), *made};
}

std::string reason(const Json& config) {
  GgufHeader header;
  const auto made = read_hf_config(config, "config.json", header);
  if (made) return {};
  CHECK(made.error().kind == ErrorKind::refuse);
  CHECK(made.error().message.starts_with("config.json: "));
  return made.error().message;
}

bool says(const std::string& message, std::string_view words) {
  INFO(message);
  return message.find(words) != std::string::npos;
}

Json with(Json config, const char* key, Json value) {
  config[key] = std::move(value);
  return config;
}

}  // namespace

TEST_CASE("a llama config becomes the keys of a llama file") {
  const Read llama = read(with(config_of("LlamaForCausalLM"), "rope_theta", 500'000.0));
  CHECK(llama.file().find_text("general.architecture").value() == "llama");
  CHECK(llama.whole("llama.block_count") == 4);
  CHECK(llama.whole("llama.context_length") == 512);
  CHECK(llama.whole("llama.embedding_length") == 64);
  CHECK(llama.whole("llama.feed_forward_length") == 96);
  CHECK(llama.whole("llama.attention.head_count") == 4);
  CHECK(llama.whole("llama.attention.head_count_kv") == 2);
  CHECK(llama.whole("llama.attention.key_length") == 16);
  CHECK(llama.whole("llama.attention.value_length") == 16);
  CHECK(llama.whole("llama.rope.dimension_count") == 16);
  CHECK(llama.whole("llama.vocab_size") == 300);
  CHECK(llama.number("llama.rope.freq_base") == 500'000);
  CHECK(llama.number("llama.attention.layer_norm_rms_epsilon") == double{1e-6f});
  CHECK(!llama.has("llama.rope.scaling.type"));
  CHECK(!llama.config.tied_embeddings);
  CHECK(llama.config.head_dim == 16);
}

TEST_CASE("what a config leaves out has the default of its class") {
  Json config = config_of("LlamaForCausalLM");
  config.erase("num_key_value_heads");
  config["head_dim"] = nullptr;
  const Read llama = read(config);
  CHECK(llama.config.kv_heads == 4);
  CHECK(llama.config.head_dim == 16);
  CHECK(llama.number("llama.rope.freq_base") == 10'000);
  config.erase("architectures");
  config["model_type"] = "mistral";
  CHECK(read(config).config.architecture == "llama");
  const Read gemma = read({{"architectures", Json::array({"Gemma3ForConditionalGeneration"})},
                           {"text_config", {{"hidden_size", 128}, {"sliding_window", 64}}},
                           {"vision_config", Json::object()}});
  CHECK(gemma.config.layers == 26);
  CHECK(gemma.config.vocabulary == 262'208);
  CHECK(gemma.config.width == 128);
  CHECK(gemma.whole("gemma3.attention.sliding_window") == 64);
  CHECK(gemma.config.tied_embeddings);
}

TEST_CASE("scaled rotation becomes keys, or divisors that GGUF keeps as tensors") {
  const Json llama = config_of("LlamaForCausalLM");
  const Read linear = read(with(llama, "rope_scaling", {{"type", "linear"}, {"factor", 4}}));
  CHECK(linear.file().find_text("llama.rope.scaling.type").value() == "linear");
  CHECK(linear.number("llama.rope.scaling.factor") == 4);
  const Json llama3 = {{"rope_type", "llama3"},
                       {"factor", 8.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 256}};
  const Read scaled = read(with(llama, "rope_scaling", llama3));
  REQUIRE(scaled.config.rope_divisors.size() == 8);
  CHECK(scaled.config.rope_divisors[0] == 1);
  CHECK(scaled.config.rope_divisors[7] == 8);
  CHECK(std::is_sorted(scaled.config.rope_divisors.begin(), scaled.config.rope_divisors.end()));
  Json newer = llama3;
  newer["rope_theta"] = 500.0;
  const Read parameters = read(with(llama, "rope_parameters", newer));
  CHECK(parameters.number("llama.rope.freq_base") == 500);
  CHECK(parameters.config.rope_divisors.size() == 8);
}

TEST_CASE("phi-3 keeps two lists of divisors and the stretch of its attention") {
  Json config = config_of("Phi3ForCausalLM");
  config["original_max_position_embeddings"] = 128;
  config["rope_scaling"] = {{"type", "longrope"},
                            {"long_factor", {1, 2, 3, 4, 5, 6, 7, 8}},
                            {"short_factor", {1, 1, 1, 1, 1, 1, 1, 1.5}}};
  const Read phi = read(config);
  CHECK(phi.config.rope_long_divisors.back() == 8);
  CHECK(phi.config.rope_short_divisors.back() == 1.5);
  CHECK(phi.whole("phi3.rope.scaling.original_context_length") == 128);
  CHECK(phi.number("phi3.rope.scaling.attn_factor") ==
        double{static_cast<float>(std::sqrt(1 + std::log(4.0) / std::log(128.0)))});
  CHECK(phi.has("phi3.attention.sliding_window"));
  CHECK(phi.whole("phi3.attention.sliding_window") == 0);
  CHECK(read(with(config, "sliding_window", 100)).whole("phi3.attention.sliding_window") == 100);
  CHECK(read(with(config_of("Phi3ForCausalLM"), "partial_rotary_factor", 0.5))
            .whole("phi3.rope.dimension_count") == 8);
  Json inside = config;  // newer writers keep all of it there
  inside.erase("original_max_position_embeddings");
  inside["rope_scaling"]["original_max_position_embeddings"] = 128;
  CHECK(read(inside).whole("phi3.rope.scaling.original_context_length") == 128);
  config["rope_scaling"]["long_factor"] = {1, 2};
  CHECK(says(reason(config), "'long_factor' must be a list of 8 numbers"));
}

TEST_CASE("gemma-3 keeps its windows, their base and the scale of its queries") {
  Json config = config_of("Gemma3ForCausalLM");
  config["head_dim"] = 32;
  config["sliding_window"] = 100;
  config["query_pre_attn_scalar"] = 32;
  const Read gemma = read(config);
  CHECK(gemma.whole("gemma3.attention.sliding_window") == 100);
  CHECK(!gemma.has("gemma3.attention.sliding_window_pattern"));
  CHECK(!gemma.has("gemma3.attention.scale"));
  CHECK(gemma.number("gemma3.rope.freq_base") == 1'000'000);
  CHECK(gemma.config.tied_embeddings);
  config["query_pre_attn_scalar"] = 64;
  config["rope_local_base_freq"] = 5'000.0;
  config["layer_types"] = {"sliding_attention", "full_attention", "sliding_attention",
                           "full_attention"};
  const Read other = read(config);
  CHECK(other.number("gemma3.attention.scale") == 0.125);
  CHECK(other.number("gemma3.rope.freq_base_swa") == 5'000);
  CHECK(other.whole("gemma3.attention.sliding_window_pattern") == 2);
  config["layer_types"][3] = "sliding_attention";
  CHECK(says(reason(config), "'layer_types' repeats no pattern of windows"));
  for (Json& layer : config["layer_types"]) layer = "full_attention";
  CHECK(read(config).whole("gemma3.attention.sliding_window_pattern") == 1);
  config["layer_types"] = {"full_attention"};
  CHECK(says(reason(config), "'layer_types' has 1 entries for 4 layers"));
}

TEST_CASE("a window counts where the model has one") {
  const Json mistral = with(config_of("MistralForCausalLM"), "sliding_window", 128);
  CHECK(read(mistral).whole("llama.attention.sliding_window") == 128);
  CHECK(!read(with(mistral, "sliding_window", nullptr)).has("llama.attention.sliding_window"));
  CHECK(!read(with(config_of("LlamaForCausalLM"), "sliding_window", 128))
             .has("llama.attention.sliding_window"));
  Json qwen = with(config_of("Qwen2ForCausalLM"), "sliding_window", 128);
  qwen["max_window_layers"] = 2;
  qwen["use_sliding_window"] = false;
  CHECK(read(qwen).config.architecture == "qwen2");
  qwen["use_sliding_window"] = true;
  CHECK(says(reason(qwen), "sliding windows are not supported in a qwen2 model"));
  qwen.erase("max_window_layers");  // then the first 28 have none, and this one has no more
  CHECK(read(qwen).config.architecture == "qwen2");
}

TEST_CASE("gpt-2 has names of its own") {
  const Json config = {{"architectures", Json::array({"GPT2LMHeadModel"})},
                       {"n_layer", 2},
                       {"n_embd", 48},
                       {"n_head", 3},
                       {"n_positions", 64},
                       {"n_inner", nullptr},
                       {"vocab_size", 100},
                       {"layer_norm_epsilon", 1e-5},
                       {"activation_function", "gelu_new"}};
  const Read gpt2 = read(config);
  CHECK(gpt2.whole("gpt2.block_count") == 2);
  CHECK(gpt2.whole("gpt2.context_length") == 64);
  CHECK(gpt2.whole("gpt2.embedding_length") == 48);
  CHECK(gpt2.whole("gpt2.feed_forward_length") == 192);
  CHECK(gpt2.whole("gpt2.attention.head_count") == 3);
  CHECK(gpt2.number("gpt2.attention.layer_norm_epsilon") == double{1e-5f});
  CHECK(gpt2.config.tied_embeddings);
  CHECK(says(reason(with(config, "scale_attn_by_inverse_layer_idx", true)), "scaled by layer"));
}

TEST_CASE("what is not supported is named, with what is") {
  const Json llama = config_of("LlamaForCausalLM");
  CHECK(says(reason(config_of("FalconForCausalLM")),
             "architecture 'FalconForCausalLM' is not supported; LlamaForCausalLM, "));
  CHECK(says(reason(Json::object()), "architecture '' is not supported"));
  CHECK(says(reason(Json::array()), "expected an object"));
  CHECK(says(reason(with(llama, "hidden_act", "relu")),
             "'hidden_act' is 'relu', supported is 'silu'"));
  CHECK(says(reason(with(llama, "quantization_config", {{"quant_method", "gptq"}})), "gptq"));
  CHECK(says(reason(with(llama, "rope_scaling", {{"type", "yarn"}})),
             "type 'yarn' is not supported; default, linear, llama3 and longrope are"));
  CHECK(says(reason(with(llama, "rope_scaling", {{"type", "linear"}})), "'factor' is missing"));
  CHECK(says(reason(with(llama, "partial_rotary_factor", 0.5)), "'partial_rotary_factor' is 0.5"));
  CHECK(says(reason(with(config_of("Gemma3ForCausalLM"), "final_logit_softcapping", 30)),
             "'final_logit_softcapping' is not supported"));
}

TEST_CASE("numbers that are missing, beyond reason or of another type are named") {
  const Json llama = config_of("LlamaForCausalLM");
  for (const char* key : {"num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size",
                          "intermediate_size", "max_position_embeddings"}) {
    CHECK(says(reason(with(llama, key, nullptr)), fmt::format("'{}' is missing", key)));
    for (const Json& wrong : {Json(0), Json(-1), Json(1.5), Json("4"), Json(UINT64_MAX)}) {
      CHECK(says(reason(with(llama, key, wrong)), fmt::format("'{}' is ", key)));
    }
  }
  CHECK(says(reason(with(llama, "rms_norm_eps", 2)), "'rms_norm_eps' is 2"));
  CHECK(says(reason(with(llama, "rope_theta", -1)), "'rope_theta' is -1"));
}
