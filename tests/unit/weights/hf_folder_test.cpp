// Folders of Hugging Face: read as the GGUF file they convert to, or refused by file and place.
#include "kernels/weights/hf_folder.hpp"

#include <cstring>
#include <functional>

#include "kernels/weights/convert.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/synth.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/hf_writer.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;
using test::Json;
using test::SafetensorsBytes;

namespace {

SynthShape small_shape(bool llama3_rope = false) {
  SynthShape shape;
  shape.name = "small";
  shape.layers = 2;
  shape.width = 64;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 16;
  shape.ffn_width = 96;
  shape.vocabulary = 320;
  shape.context = 256;
  shape.tied = llama3_rope;
  shape.llama3_rope = llama3_rope;
  return shape;
}

// A GGUF model and the same weights as a folder, both below one temporary folder.
struct Twins {
  TemporaryFolder folder;
  std::string file = folder.file("m.gguf");
  std::string hf = folder.file("hf");

  explicit Twins(TensorType type = TensorType::f32, int files = 1, bool llama3_rope = false) {
    REQUIRE(synthesise(small_shape(llama3_rope), type, 7, file));
    test::write_hf_folder(gguf(), hf, files);
  }
  ModelFile gguf() const { return ModelFile::open(file).value(); }
  std::string in_hf(const std::string& name) const { return hf + "/" + name; }
};

bool says(const std::string& message, std::string_view words) {
  INFO(message);
  CHECK(message.find('\n') == std::string::npos);
  return message.find(words) != std::string::npos;
}

std::string reason(const Twins& twins) {
  const auto file = ModelFile::open(twins.hf);
  if (file) return "none";
  CHECK(file.error().kind == ErrorKind::refuse);
  return file.error().message;
}

}  // namespace

TEST_CASE("a folder reads as the GGUF file of the same weights, row by row") {
  for (const TensorType type : {TensorType::f32, TensorType::f16}) {
    for (const int files : {1, 3}) {
      const Twins twins(type, files, files == 3);
      const auto folder = ModelFile::open(twins.hf);
      if (!folder) FAIL(folder.error().message);
      const ModelFile file = twins.gguf();
      CHECK(folder->format() ==
            (files == 1 ? "Hugging Face folder" : "Hugging Face folder in 3 parts"));
      REQUIRE(folder->tensors().size() == file.tensors().size());
      for (const Tensor& expected : file.tensors()) {
        const Tensor* tensor = folder->tensor(expected.name);
        INFO(expected.name);
        REQUIRE(tensor != nullptr);
        CHECK(tensor->type == expected.type);
        CHECK(tensor->shape == expected.shape);
        for (std::uint64_t row = 0; row < expected.rows(); ++row) {
          const auto a = tensor->row(row), b = expected.row(row);
          REQUIRE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
        }
      }
      const auto ours = read_model_params(*folder), theirs = read_model_params(file);
      REQUIRE(ours);
      CHECK(ours->rope_frequency_divisor == theirs->rope_frequency_divisor);
      CHECK(ours->context == theirs->context);
      CHECK(ours->tied_embeddings == theirs->tied_embeddings);
      CHECK(folder->find_text("general.name").value() == "hf");
    }
  }
}

TEST_CASE("a folder converts to the bytes that its GGUF twin converts to") {
  const Twins twins(TensorType::f32, 2);
  const auto folder = ModelFile::open(twins.hf);
  REQUIRE(folder);
  for (const TensorType type : {TensorType::f32, TensorType::f16, TensorType::q8_0}) {
    REQUIRE(convert_gguf(*folder, type, twins.folder.file("a")));
    REQUIRE(convert_gguf(twins.gguf(), type, twins.folder.file("b")));
    const ModelFile a = ModelFile::open(twins.folder.file("a")).value();
    const ModelFile b = ModelFile::open(twins.folder.file("b")).value();
    for (const Tensor& expected : b.tensors()) {
      const Tensor& tensor = *a.tensor(expected.name);
      INFO(expected.name);
      CHECK(tensor.type == expected.type);
      CHECK(std::equal(tensor.bytes.begin(), tensor.bytes.end(), expected.bytes.begin(),
                       expected.bytes.end()));
    }
  }
}

TEST_CASE("matrices stay in the map of their file") {
  const Twins twins;
  const auto folder = ModelFile::open(twins.hf + "/");
  REQUIRE(folder);
  const auto bytes = folder->tensor("blk.0.ffn_up.weight")->bytes;
  std::vector<std::byte> copy(bytes.size());
  CHECK(folder->read(bytes, copy.data()));
  folder->drop_pages(bytes);
  CHECK(std::equal(bytes.begin(), bytes.end(), copy.begin()));
}

TEST_CASE("norms in 16 bits become F32, those of gemma-3 with their 1, exactly") {
  const TemporaryFolder folder;
  const Json config = {{"architectures", Json::array({"Gemma3ForCausalLM"})},
                       {"num_hidden_layers", 1},
                       {"hidden_size", 2},
                       {"num_attention_heads", 1},
                       {"num_key_value_heads", 1},
                       {"head_dim", 2},
                       {"intermediate_size", 2},
                       {"vocab_size", 2}};
  SafetensorsBytes weights;
  weights.add("model.norm.weight", "BF16", {2},
              std::string_view("\x80\x3f\x01\xbf", 4));  // 1, -0.50390625
  weights.add("model.layers.0.input_layernorm.weight", "F16", {2},
              std::string_view("\x00\x3c\x00\x38", 4));  // 1, 0.5
  weights.add("model.layers.0.self_attn.q_norm.weight", {2}, {0.25f, 1e-8f});
  write_file(folder.file("config.json"), config.dump());
  write_file(folder.file("model.safetensors"), weights.bytes());
  const auto model = ModelFile::open(folder.file(""));
  if (!model) FAIL(model.error().message);
  const auto values = [&](const char* name) {
    const Tensor& tensor = *model->tensor(name);
    CHECK(tensor.type == TensorType::f32);
    std::vector<float> numbers(tensor.cols());
    std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
    return numbers;
  };
  CHECK(values("output_norm.weight") == std::vector<float>{2, 0.49609375f});
  CHECK(values("blk.0.attn_norm.weight") == std::vector<float>{2, 1.5f});
  CHECK(values("blk.0.attn_q_norm.weight") == std::vector<float>{1.25f, 1});
}

TEST_CASE("matrices of gpt-2 are turned, biases of llama's q and k interleaved") {
  const TemporaryFolder folder;
  const Json gpt2 = {{"architectures", Json::array({"GPT2LMHeadModel"})},
                     {"n_layer", 1},
                     {"n_embd", 2},
                     {"n_head", 1},
                     {"n_positions", 4},
                     {"vocab_size", 2}};
  SafetensorsBytes weights;
  weights.add("h.0.attn.c_attn.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  weights.add("h.0.attn.bias", "BOOL", {1, 1, 2, 2}, std::string_view("\1\0\1\1", 4));
  write_file(folder.file("config.json"), gpt2.dump());
  write_file(folder.file("model.safetensors"), weights.bytes());
  const auto model = ModelFile::open(folder.file(""));
  if (!model) FAIL(model.error().message);
  REQUIRE(model->tensors().size() == 1);
  const Tensor& turned = *model->tensor("blk.0.attn_qkv.weight");
  CHECK(turned.shape == std::vector<std::uint64_t>{2, 3});
  float values[6];
  std::memcpy(values, turned.bytes.data(), sizeof values);
  CHECK(std::vector<float>(values, values + 6) == std::vector<float>{1, 4, 2, 5, 3, 6});
  const auto facts = ModelFile::open(folder.file(""), ModelFile::Use::facts);
  CHECK(facts->tensors()[0].shape == turned.shape);
  CHECK(facts->tensors()[0].bytes.size() == turned.bytes.size());
  CHECK(facts->tensors()[0].bytes.data() != turned.bytes.data());
  std::memcpy(values, facts->tensors()[0].bytes.data(), sizeof values);
  CHECK(values[1] == 2);  // as it lies in the file

  const Twins twins;
  SafetensorsBytes bias;
  bias.add("model.layers.0.self_attn.q_proj.bias", {8}, {0, 1, 2, 3, 10, 11, 12, 13});
  Json llama = test::hf_config(twins.gguf());
  llama["head_dim"] = 8;
  llama["tie_word_embeddings"] = true;
  write_file(folder.file("config.json"), llama.dump());
  write_file(folder.file("model.safetensors"), bias.bytes());
  const auto biased = ModelFile::open(folder.file(""));
  if (!biased) FAIL(biased.error().message);
  float ordered[8];
  std::memcpy(ordered, biased->tensor("blk.0.attn_q.bias")->bytes.data(), sizeof ordered);
  CHECK(std::vector<float>(ordered, ordered + 8) == std::vector<float>{0, 10, 1, 11, 2, 12, 3, 13});
}

TEST_CASE("a head beside tied embeddings is left out, a missing one is named") {
  Twins twins;
  Json config = test::hf_config(twins.gguf());
  config["tie_word_embeddings"] = true;
  write_file(twins.in_hf("config.json"), config.dump());
  CHECK(ModelFile::open(twins.hf).value().tensor("output.weight") == nullptr);
  SafetensorsBytes weights;
  weights.add("model.norm.weight", {64}, std::vector<float>(64));
  write_file(twins.in_hf("model.safetensors"), weights.bytes());
  CHECK(ModelFile::open(twins.hf));
  config["tie_word_embeddings"] = false;
  write_file(twins.in_hf("config.json"), config.dump());
  CHECK(says(reason(twins), "hf: has no tensor 'lm_head.weight'"));
}

TEST_CASE("a folder without config or weights is refused, one without a tokenizer is not") {
  Twins twins;
  std::filesystem::remove(twins.in_hf("tokenizer.json"));
  const auto file = ModelFile::open(twins.hf);
  REQUIRE(file);
  CHECK(file->find("tokenizer.ggml.model") == nullptr);
  std::filesystem::remove(twins.in_hf("model.safetensors"));
  CHECK(says(reason(twins), "holds neither model.safetensors nor model.safetensors.index.json"));
  std::filesystem::remove(twins.in_hf("config.json"));
  CHECK(says(reason(twins), "is a folder without config.json, so no Hugging Face model"));
}

TEST_CASE("broken files of a folder are refused by name") {
  const auto with = [](const char* name, std::string_view text) {
    Twins twins;
    write_file(twins.in_hf(name), text);
    return reason(twins);
  };
  CHECK(says(with("config.json", "{"), "hf/config.json: is no JSON at byte"));
  CHECK(says(with("config.json", "[]"), "hf/config.json: expected an object"));
  CHECK(says(with("tokenizer.json", "{\"model\":{}}"), "hf/tokenizer.json: "));
  CHECK(says(with("tokenizer_config.json", "{,}"), "hf/tokenizer_config.json: is no JSON"));
  CHECK(says(with("generation_config.json", "\xff"), "hf/generation_config.json: is no JSON"));
  CHECK(says(with("chat_template.jinja", std::string(2 << 20, 'x')), "hf/chat_template.jinja: "));
  CHECK(says(with("model.safetensors", "short"), "hf/model.safetensors: 5 bytes, too few"));
  SafetensorsBytes unknown;
  unknown.add("model.layers.0.mlp.experts.gate.weight", {1}, {1});
  CHECK(says(with("model.safetensors", unknown.bytes()),
             "tensor 'model.layers.0.mlp.experts.gate.weight' has no place in a llama model"));
  SafetensorsBytes eight;
  eight.add("model.norm.weight", "F8_E4M3", {2}, "ab");
  CHECK(says(with("model.safetensors", eight.bytes()), "is F8_E4M3, which is not supported"));
  SafetensorsBytes twice;
  twice.add("model.norm.weight", {1}, {1}).add("norm.weight", {1}, {1});
  CHECK(says(with("model.safetensors", twice.bytes()), "two tensors become 'output_norm.weight'"));
  SafetensorsBytes odd;
  odd.add("model.layers.0.self_attn.q_proj.weight", {3, 1}, {1, 2, 3});
  CHECK(says(with("model.safetensors", odd.bytes()), "3 rows are no whole number of heads of 16"));
}

TEST_CASE("an index may only name files of its own folder, and must tell the truth") {
  const auto with = [](const std::function<void(Json&)>& spoil) {
    Twins twins(TensorType::f32, 2);
    Json index = Json::parse(read_file(twins.in_hf("model.safetensors.index.json")));
    spoil(index["weight_map"]);
    write_file(twins.in_hf("model.safetensors.index.json"), index.dump());
    return reason(twins);
  };
  const char* name = "model.norm.weight";
  for (const char* outside : {"../m.safetensors", "/etc/m.safetensors", "a/b.safetensors",
                              ".safetensors", "model.bin", ""}) {
    CHECK(says(with([&](Json& map) { map[name] = outside; }),
               "expected the name of a safetensors file of this folder"));
  }
  CHECK(says(with([&](Json& map) { map[name] = 7; }), "expected the name of a safetensors file"));
  CHECK(says(with([&](Json& map) { map[name] = "absent.safetensors"; }),
             "hf/absent.safetensors: cannot open: No such file"));
  CHECK(says(with([&](Json& map) { map["more"] = map[name]; }), "has no tensor 'more', which"));
  CHECK(says(with([](Json& map) { map = nullptr; }), "'weight_map' is missing or empty"));
}
