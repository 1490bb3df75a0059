#include "kernels/weights/model_params.hpp"

#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <variant>

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

using Value = std::variant<std::uint32_t, float, std::string>;

// A tiny llama whose keys and tensors a test changes before it is read.
struct Model {
  std::map<std::string, Value> keys{
      {"general.architecture", "llama"},     {"llama.block_count", 2u},
      {"llama.context_length", 64u},         {"llama.embedding_length", 8u},
      {"llama.feed_forward_length", 12u},    {"llama.attention.head_count", 4u},
      {"llama.attention.head_count_kv", 2u}, {"llama.attention.layer_norm_rms_epsilon", 1e-5f},
  };
  std::map<std::string, std::vector<std::uint64_t>> tensors;
  std::map<std::string, TensorType> types;  // F32 where absent
  std::vector<float> rope_divisors;         // the bytes of rope_freqs.weight
  std::vector<std::string> tokens;

  Model() {
    ModelParams params;
    params.layers = 2;
    params.width = 8;
    params.heads = 4;
    params.kv_heads = 2;
    params.head_dim = 2;
    params.ffn_width = 12;
    params.vocabulary = 5;
    for (const TensorSpec& spec : model_tensors(params)) tensors[spec.name] = spec.shape;
  }

  Expected<ModelParams> read() const {
    GgufHeader header;
    for (const auto& [key, value] : keys) add(header, key, value);
    if (!tokens.empty()) header.add_texts("tokenizer.ggml.tokens", tokens);
    for (const auto& [name, shape] : tensors) {
      header.add_tensor(name, types.contains(name) ? types.at(name) : TensorType::f32, shape);
    }
    std::vector<std::byte> bytes = header.bytes();
    const std::size_t data_begin = bytes.size();
    bytes.resize(data_begin + header.data_bytes());
    const auto file = ModelFile::parse(bytes, "m.gguf");
    REQUIRE(file);
    if (const Tensor* rope = file->tensor("rope_freqs.weight"); rope && !rope_divisors.empty()) {
      std::memcpy(bytes.data() + (rope->bytes.data() - bytes.data()), rope_divisors.data(),
                  rope->bytes.size());
    }
    return read_model_params(*file);
  }

  static void add(GgufHeader& header, const std::string& key, const Value& value) {
    if (const auto* number = std::get_if<std::uint32_t>(&value)) header.add_u32(key, *number);
    if (const auto* number = std::get_if<float>(&value)) header.add_f32(key, *number);
    if (const auto* text = std::get_if<std::string>(&value)) header.add_text(key, *text);
  }
};

// What read_model_params says of a tiny llama after one change.
std::string refusal(const std::function<void(Model&)>& change) {
  Model model;
  change(model);
  const auto params = model.read();
  if (params) return "accepted";
  CHECK(params.error().kind == ErrorKind::refuse);
  return params.error().message;
}

std::string refusal_of_key(const char* key, Value value) {
  return refusal([&](Model& model) { model.keys[key] = value; });
}

}  // namespace

TEST_CASE("a small llama's numbers are read, the optional ones by their defaults") {
  const auto params = Model().read();
  REQUIRE(params);
  CHECK(params->architecture == "llama");
  CHECK(params->layers == 2);
  CHECK(params->width == 8);
  CHECK(params->heads == 4);
  CHECK(params->kv_heads == 2);
  CHECK(params->head_dim == 2);
  CHECK(params->ffn_width == 12);
  CHECK(params->vocabulary == 5);
  CHECK(params->context == 64);
  CHECK(params->norm_epsilon == 1e-5f);
  CHECK(params->rope_base == 10'000);
  CHECK(params->rope_linear_scale == 1);
  CHECK(params->rope_frequency_divisor.empty());
  CHECK(!params->tied_embeddings);
  CHECK(kv_page_bytes(*params, 2) == 2 * 2 * 2 * 32 * 2 * 2);
}

TEST_CASE("a model without an output tensor is tied") {
  Model model;
  model.tensors.erase("output.weight");
  const auto params = model.read();
  REQUIRE(params);
  CHECK(params->tied_embeddings);
}

TEST_CASE("heads may be wider than their share of the residual row") {
  Model model;
  model.keys["llama.attention.key_length"] = 6u;
  model.keys["llama.attention.value_length"] = 6u;
  for (const char* layer : {"blk.0.", "blk.1."}) {
    model.tensors[std::string(layer) + "attn_q.weight"] = {8, 24};
    model.tensors[std::string(layer) + "attn_k.weight"] = {8, 12};
    model.tensors[std::string(layer) + "attn_v.weight"] = {8, 12};
    model.tensors[std::string(layer) + "attn_output.weight"] = {24, 8};
  }
  const auto params = model.read();
  REQUIRE(params);
  CHECK(params->head_dim == 6);
}

TEST_CASE("without a count of key-value heads every head has its own") {
  CHECK(refusal([](Model& model) { model.keys.erase("llama.attention.head_count_kv"); }) ==
        "m.gguf: tensor 'blk.0.attn_k.weight' is 8 x 4, expected 8 x 8");
}

TEST_CASE("linear rope scaling is read from its new and its old key") {
  Model model;
  model.keys["llama.rope.freq_base"] = 500'000.0f;
  model.keys["llama.rope.scale_linear"] = 2.0f;
  CHECK(model.read().value().rope_linear_scale == 2);
  model.keys["llama.rope.scaling.factor"] = 4.0f;
  CHECK(model.read().value().rope_linear_scale == 4);
  model.keys["llama.rope.scaling.type"] = "linear";
  CHECK(model.read().value().rope_linear_scale == 4);
  CHECK(model.read().value().rope_base == 500'000);
  model.keys["llama.rope.scaling.type"] = "none";
  CHECK(model.read().value().rope_linear_scale == 1);
}

TEST_CASE("rope divisors come from their tensor and must be usable") {
  Model model;
  model.tensors["rope_freqs.weight"] = {1};
  model.rope_divisors = {32};
  REQUIRE(model.read());
  CHECK(model.read().value().rope_frequency_divisor == std::vector<float>{32});
  for (const float bad : {0.0f, -1.0f, NAN, INFINITY}) {
    model.rope_divisors = {bad};
    CHECK(!model.read());
  }
  model.tensors["rope_freqs.weight"] = {2};
  model.rope_divisors = {1, 1};
  CHECK(model.read().error().message == "m.gguf: tensor 'rope_freqs.weight' must be 1 F32 numbers");
}

TEST_CASE("rotations beyond what sine and cosine hold exactly are refused before any is computed") {
  CHECK(refusal_of_key("llama.rope.freq_base", 0.5f) ==
        "m.gguf: metadata 'llama.rope.freq_base' is 0.5, expected at least 1");
  CHECK(refusal_of_key("llama.rope.freq_base", 1e-40f).find("freq_base") != std::string::npos);
  CHECK(refusal_of_key("llama.rope.freq_base", 1.0f) == "accepted");
  CHECK(refusal_of_key("llama.rope.scaling.factor", 1e-9f).find("6.4e+10 radians") !=
        std::string::npos);
  CHECK(refusal_of_key("llama.context_length", 1u << 21).find("a context of 2097152") !=
        std::string::npos);
  const auto with_divisor = [](float divisor) {
    return refusal([divisor](Model& model) {
      model.tensors["rope_freqs.weight"] = {1};
      model.rope_divisors = {divisor};
    });
  };
  CHECK(with_divisor(64 / 1.6e6f * 1.001f) == "accepted");
  CHECK(with_divisor(64 / 1.6e6f * 0.999f).find("smallest 'rope_freqs.weight'") !=
        std::string::npos);
}

TEST_CASE("each key that a model cannot do without is missed by name") {
  for (const char* key : {"general.architecture", "llama.block_count", "llama.context_length",
                          "llama.embedding_length", "llama.feed_forward_length",
                          "llama.attention.head_count", "llama.attention.layer_norm_rms_epsilon"}) {
    CHECK(refusal([key](Model& model) { model.keys.erase(key); }) ==
          fmt::format("m.gguf: metadata '{}' is missing", key));
  }
}

TEST_CASE("numbers out of range or of another type are refused by key") {
  for (const char* key :
       {"llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
        "llama.context_length", "llama.attention.head_count", "llama.attention.head_count_kv"}) {
    for (const Value& bad : {Value{0u}, Value{0xFFFFFFFFu}, Value{1.5f}, Value{"two"}}) {
      CHECK(refusal_of_key(key, bad).find(key) != std::string::npos);
    }
  }
  for (const char* key : {"llama.rope.freq_base", "llama.attention.layer_norm_rms_epsilon",
                          "llama.rope.scaling.factor"}) {
    for (const float bad : {0.0f, -1.0f, NAN, INFINITY}) {
      CHECK(refusal_of_key(key, bad).find(key) != std::string::npos);
    }
  }
}

TEST_CASE("what this engine cannot compute is refused by name") {
  CHECK(
      refusal_of_key("general.architecture", "mamba") ==
      "m.gguf: architecture 'mamba' is not supported; llama, qwen2, qwen3, gemma3, phi3, gpt2 are");
  CHECK(refusal_of_key("llama.rope.scaling.type", "yarn").find("rope scaling 'yarn'") !=
        std::string::npos);
  CHECK(refusal_of_key("llama.expert_count", 8u) ==
        "m.gguf: mixtures of 8 experts are not supported");
  CHECK(refusal_of_key("llama.attention.key_length", 3u).find("3 dimensions, expected an even") !=
        std::string::npos);
  CHECK(refusal_of_key("llama.attention.value_length", 4u).find("must be equal") !=
        std::string::npos);
  CHECK(refusal_of_key("llama.rope.dimension_count", 1u).find("rotation of 1 of 2") !=
        std::string::npos);
  CHECK(refusal_of_key("llama.attention.head_count_kv", 3u).find("cannot share 3") !=
        std::string::npos);
}

TEST_CASE("every tensor is needed, in its shape") {
  const Model whole;
  for (const auto& entry : whole.tensors) {
    const std::string& name = entry.first;
    if (name == "output.weight") continue;  // its absence means a tied model
    CHECK(refusal([&](Model& model) { model.tensors.erase(name); }) ==
          fmt::format("m.gguf: tensor '{}' is missing", name));
    const std::string wrong = refusal([&](Model& model) { ++model.tensors[name][0]; });
    CHECK(wrong.find(fmt::format("tensor '{}' is", name)) != std::string::npos);
    CHECK(refusal([&](Model& model) { model.tensors[name].push_back(2); }) != "accepted");
  }
}

TEST_CASE("a norm that is not F32, and a tensor with no place in the model, are refused") {
  CHECK(refusal([](Model& model) { model.types["output_norm.weight"] = TensorType::f16; }) ==
        "m.gguf: tensor 'output_norm.weight' is F16, expected F32");
  CHECK(refusal([](Model& model) { model.types["output.weight"] = TensorType::f16; }) ==
        "accepted");
  CHECK(refusal([](Model& model) { model.tensors["blk.0.attn_q_norm.weight"] = {2}; }) ==
        "m.gguf: tensor 'blk.0.attn_q_norm.weight' has no place in a llama model of 2 layers");
}

TEST_CASE("the tokenizer must have as many tokens as the embedding has rows") {
  CHECK(refusal([](Model& model) { model.tokens.assign(5, "t"); }) == "accepted");
  CHECK(refusal([](Model& model) { model.tokens.assign(4, "t"); }) ==
        "m.gguf: the tokenizer has 4 tokens, 'token_embd.weight' has 5 rows");
}

TEST_CASE("a file without tensors is a vocabulary, not a model") {
  CHECK(refusal([](Model& model) { model.tensors.clear(); }) ==
        "m.gguf: has no tensors: a vocabulary, not a model");
}
