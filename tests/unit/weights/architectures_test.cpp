// The numbers of each architecture as a file tells them, and files that tell them wrongly.

#include "kernels/weights/architectures.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <variant>

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_metadata.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

using Value = std::variant<std::uint32_t, float, std::string>;

// A tiny model of some architecture whose keys and tensors a test changes before it is read.
struct Model {
  std::string architecture;
  std::map<std::string, Value> keys;  // without the architecture in front
  std::map<std::string, std::vector<std::uint64_t>> tensors;

  explicit Model(const std::string& name, int head_dim = 4) : architecture(name) {
    const Architecture& known = *architecture_named(name);
    const bool is_gpt2 = name == "gpt2";
    ModelParams params;
    params.features = known.features;
    params.layers = 2;
    params.width = 8;
    params.heads = 2;
    params.kv_heads = is_gpt2 ? 2 : 1;
    params.head_dim = head_dim;
    params.ffn_width = 12;
    params.vocabulary = 5;
    params.context = 64;
    for (const TensorSpec& spec : model_tensors(params)) tensors[spec.name] = spec.shape;
    keys = {{"block_count", 2u},
            {"context_length", 64u},
            {"embedding_length", 8u},
            {"feed_forward_length", 12u},
            {"attention.head_count", 2u}};
    if (!is_gpt2) keys["attention.head_count_kv"] = 1u;
    keys[is_gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"] = 1e-5f;
    if (known.window == WindowUse::always) keys["attention.sliding_window"] = 16u;
  }

  Expected<ModelParams> read(int context_max = 0) const {
    GgufHeader header;
    header.add_text("general.architecture", architecture);
    for (const auto& [name, value] : keys) {
      const std::string key = architecture + "." + name;
      if (const auto* number = std::get_if<std::uint32_t>(&value)) header.add_u32(key, *number);
      if (const auto* number = std::get_if<float>(&value)) header.add_f32(key, *number);
      if (const auto* text = std::get_if<std::string>(&value)) header.add_text(key, *text);
    }
    for (const auto& [name, shape] : tensors) header.add_tensor(name, TensorType::f32, shape);
    std::vector<std::byte> bytes = header.bytes();
    const std::size_t data = bytes.size();
    bytes.resize(data + header.data_bytes());
    for (std::size_t at = data; at + 4 <= bytes.size(); at += 4) {  // 1.0f everywhere
      bytes[at + 2] = std::byte{0x80};
      bytes[at + 3] = std::byte{0x3F};
    }
    const auto file = ModelFile::parse(bytes, "m.gguf");
    REQUIRE(file);
    return read_model_params(*file, context_max);
  }
};

std::string refusal(const char* architecture, const std::function<void(Model&)>& change) {
  Model model(architecture);
  change(model);
  const auto params = model.read();
  if (params) return "accepted";
  CHECK(params.error().kind == ErrorKind::refuse);
  CHECK(params.error().message.find('\n') == std::string::npos);
  return params.error().message;
}

ModelParams read(const Model& model, int context_max = 0) {
  auto params = model.read(context_max);
  if (!params) FAIL(params.error().message);
  return std::move(params).value();
}

std::string refusal_of_key(const char* architecture, const char* key, Value value) {
  return refusal(architecture, [&](Model& model) { model.keys[key] = value; });
}

}  // namespace

TEST_CASE("each architecture is read with its own features, by the one table") {
  CHECK(architecture_names() == "llama, qwen2, qwen3, gemma3, phi3, gpt2");
  CHECK(architecture_named("qwen") == nullptr);
  for (const Architecture& known : architectures()) {
    const ModelParams params = read(Model(std::string(known.name)));
    INFO(known.name);
    CHECK(params.architecture == known.name);
    CHECK(params.features == known.features);
    CHECK(!params.tied_embeddings);
    CHECK(params.query_scale == 0);
    CHECK(params.rope_magnitude == 1);
  }
}

TEST_CASE("what a model writes as metadata is what it reads back") {
  for (const Architecture& known : architectures()) {
    const ModelParams params = read(Model(std::string(known.name)));
    GgufHeader header;
    header.add_text("general.architecture", params.architecture);
    add_model_params(header, params);
    for (const TensorSpec& spec : model_tensors(params)) {
      header.add_tensor(spec.name, TensorType::f32, spec.shape);
    }
    std::vector<std::byte> bytes = header.bytes();
    bytes.resize(bytes.size() + header.data_bytes());
    const auto file = ModelFile::parse(bytes, "m.gguf");
    REQUIRE(file);
    const auto again = read_model_params(*file);
    REQUIRE(again);
    CHECK(again->features == params.features);
    CHECK(again->head_dim == params.head_dim);
    CHECK(again->kv_heads == params.kv_heads);
    CHECK(again->norm_epsilon == params.norm_epsilon);
    CHECK(again->window == params.window);
    CHECK(again->window_pattern == params.window_pattern);
    CHECK(again->rotated_dim() == params.rotated_dim());
  }
}

TEST_CASE("every tensor of every architecture is needed, in its shape, and no other") {
  for (const Architecture& known : architectures()) {
    const std::string name(known.name);
    for (const auto& entry : Model(name).tensors) {
      const std::string& tensor = entry.first;
      if (tensor == "output.weight") continue;  // its absence means a tied model
      INFO(name << " " << tensor);
      CHECK(refusal(name.c_str(), [&](Model& m) { m.tensors.erase(tensor); }) != "accepted");
      CHECK(refusal(name.c_str(), [&](Model& m) { ++m.tensors[tensor][0]; }) != "accepted");
      CHECK(refusal(name.c_str(), [&](Model& m) { m.tensors[tensor].push_back(2); }) != "accepted");
    }
    CHECK(refusal(name.c_str(), [](Model& m) {
            m.tensors["blk.0.ffn_gate_exps.weight"] = {8};
          }).find("has no place in a " + name + " model of 2 layers") != std::string::npos);
  }
}

TEST_CASE("a fused tensor must have the rows of all its parts") {
  CHECK(refusal("phi3", [](Model& m) {
          m.tensors["blk.1.attn_qkv.weight"] = {8, 15};
        }) == "m.gguf: tensor 'blk.1.attn_qkv.weight' is 8 x 15, expected 8 x 16");
  CHECK(refusal("phi3", [](Model& m) {
          m.tensors["blk.1.ffn_up.weight"] = {8, 12};
        }) == "m.gguf: tensor 'blk.1.ffn_up.weight' is 8 x 12, expected 8 x 24");
  CHECK(refusal("gpt2", [](Model& m) { m.tensors["blk.0.attn_qkv.bias"] = {8}; }) ==
        "m.gguf: tensor 'blk.0.attn_qkv.bias' is 8, expected 24");
  CHECK(refusal("gpt2", [](Model& m) {
          m.tensors["position_embd.weight"] = {8, 63};
        }) == "m.gguf: tensor 'position_embd.weight' is 8 x 63, expected 8 x 64");
}

TEST_CASE("windows: demanded of gemma3, optional for llama and phi3, refused for others") {
  CHECK(read(Model("gemma3")).window == 16);
  CHECK(read(Model("gemma3")).window_pattern == 6);
  CHECK(refusal("gemma3", [](Model& m) { m.keys.erase("attention.sliding_window"); }) ==
        "m.gguf: metadata 'gemma3.attention.sliding_window' is missing");
  CHECK(refusal_of_key("gemma3", "attention.sliding_window", 0u) ==
        "m.gguf: metadata 'gemma3.attention.sliding_window' is 0, expected 1 to 1073741824");
  CHECK(refusal_of_key("gemma3", "attention.sliding_window", 0xFFFFFFFFu) != "accepted");
  CHECK(refusal_of_key("gemma3", "attention.sliding_window_pattern", 0u) != "accepted");
  CHECK(refusal_of_key("qwen3", "attention.sliding_window", 16u) ==
        "m.gguf: a window of 16 tokens is not supported in a qwen3 model");
  CHECK(refusal_of_key("qwen2", "attention.sliding_window", 0u) == "accepted");
  Model phi("phi3");
  CHECK(read(phi).window == 0);
  phi.keys["attention.sliding_window"] = 20u;
  CHECK(read(phi).window == 20);
  phi.keys["attention.sliding_window"] = 0u;
  phi.keys["context_length"] = 4'096u;
  CHECK(read(phi).window == 0);
  phi.keys.erase("attention.sliding_window");  // a file from before the key
  CHECK(read(phi).window == 2'047);
}

TEST_CASE("layers of a pattern: all but every n-th have the window") {
  ModelParams params;
  params.window = 8;
  CHECK(params.is_local(0));
  params.window_pattern = 6;
  for (const int global : {5, 11, 23}) CHECK(!params.is_local(global));
  for (const int local : {0, 4, 6, 10, 24}) CHECK(params.is_local(local));
  params.window_pattern = 1;
  CHECK(!params.is_local(0));
  params.window_pattern = 0;
  CHECK(params.is_local(5));
  params.window = 0;
  CHECK(!params.is_local(0));
}

TEST_CASE("gemma3 turns local layers by their own base, and scales queries by its own rule") {
  Model gemma("gemma3");
  gemma.keys["rope.freq_base"] = 1e6f;
  gemma.keys["rope.scaling.type"] = "linear";
  gemma.keys["rope.scaling.factor"] = 8.0f;
  CHECK(read(gemma).rope_base == 1e6);
  CHECK(read(gemma).rope_linear_scale == 8);
  CHECK(read(gemma).local_rope_base == 10'000);
  gemma.keys["rope.freq_base_swa"] = 20'000.0f;
  CHECK(read(gemma).local_rope_base == 20'000);
  gemma.keys["rope.freq_base_swa"] = 0.5f;
  CHECK(!gemma.read());
  gemma.keys.erase("rope.freq_base_swa");
  gemma.keys["attention.scale"] = 0.25f;
  CHECK(read(gemma).query_scale == 0.25f);
  Model deep("gemma3", 2);  // the 27b model: by width / heads, not by the heads' own width
  deep.keys["block_count"] = 62u;
  for (int layer = 2; layer < 62; ++layer) {
    for (const auto& [name, shape] : Model("gemma3", 2).tensors) {
      if (name.starts_with("blk.0."))
        deep.tensors[fmt::format("blk.{}.{}", layer, name.substr(6))] = shape;
    }
  }
  deep.keys["attention.key_length"] = deep.keys["attention.value_length"] = 2u;
  CHECK(read(deep).query_scale == 1.0f / std::sqrt(4.0f));
}

TEST_CASE("the longest text of a run chooses between long and short rope divisors") {
  Model phi("phi3");
  phi.tensors["rope_factors_long.weight"] = phi.tensors["rope_factors_short.weight"] = {2};
  phi.keys["rope.scaling.attn_factor"] = 1.25f;
  CHECK(read(phi).long_and_short_rope);
  CHECK(read(phi).rope_frequency_divisor == std::vector<float>{1, 1});
  CHECK(read(phi).rope_magnitude == 1.25);
  phi.keys["rope.scaling.type"] = "longrope";
  phi.keys["rope.scaling.original_context_length"] = 32u;
  CHECK(read(phi).original_context == 32);
  CHECK(read(phi).long_rope);
  CHECK(read(phi, 33).long_rope);
  CHECK(!read(phi, 32).long_rope);
  CHECK(read(phi, 32).rope_magnitude == 1.25);
  phi.tensors["rope_factors_long.weight"] = {3};
  CHECK(phi.read().error().message ==
        "m.gguf: tensor 'rope_factors_long.weight' must be 2 F32 numbers");
  phi.tensors.erase("rope_factors_long.weight");
  CHECK(phi.read().error().message.find("rope scaling 'longrope' without") != std::string::npos);
  phi.keys.erase("rope.scaling.type");
  CHECK(phi.read().error().message ==
        "m.gguf: tensor 'rope_factors_short.weight' has no place in a phi3 model of 2 layers");
}

TEST_CASE("heads may turn in part, by an even number of their elements") {
  Model qwen("qwen3");
  qwen.keys["rope.dimension_count"] = 2u;
  CHECK(read(qwen).rotated_dim() == 2);
  for (const std::uint32_t bad : {1u, 3u, 6u, 0u, 0xFFFFFFFFu}) {
    CHECK(refusal_of_key("qwen3", "rope.dimension_count", bad) != "accepted");
  }
}

TEST_CASE("learned positions end with the trained context") {
  CHECK(exact_positions_max(read(Model("gpt2"))) == 64);
  CHECK(read(Model("gpt2")).rotated_dim() == 0);
  CHECK(exact_positions_max(read(Model("gemma3"))) == 1'600'000);
}

TEST_CASE("steps this engine does not have are refused by key") {
  CHECK(refusal_of_key("gemma3", "final_logit_softcapping", 30.0f) ==
        "m.gguf: 'gemma3.final_logit_softcapping' is not supported");
  CHECK(refusal_of_key("qwen3", "expert_count", 8u) ==
        "m.gguf: mixtures of 8 experts are not supported");
  CHECK(refusal_of_key("phi3", "rope.scaling.type", "yarn").find("rope scaling 'yarn'") !=
        std::string::npos);
  for (const char* key : {"rope.scaling.attn_factor", "attention.scale", "rope.freq_base"}) {
    for (const float bad : {0.0f, -1.0f, NAN, INFINITY}) {
      CHECK(refusal_of_key("phi3", key, bad).find(key) != std::string::npos);
    }
  }
  for (const char* key : {"block_count", "context_length", "attention.head_count"}) {
    CHECK(refusal_of_key("gpt2", key, 0xFFFFFFFFu).find(key) != std::string::npos);
  }
}

TEST_CASE("a llama may have biases, on every layer or on none") {
  const auto add_biases = [](Model& model, const char* layer) {
    model.tensors[fmt::format("blk.{}.attn_q.bias", layer)] = {8};
    model.tensors[fmt::format("blk.{}.attn_k.bias", layer)] = {4};
    model.tensors[fmt::format("blk.{}.attn_v.bias", layer)] = {4};
  };
  Model llama("llama");
  add_biases(llama, "0");
  CHECK(llama.read().error().message == "m.gguf: tensor 'blk.1.attn_q.bias' is missing");
  add_biases(llama, "1");
  CHECK(read(llama).features.qkv_bias);
  CHECK(!read(llama).features.output_bias);
}
