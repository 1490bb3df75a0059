#include "tests/unit/weights/hf_writer.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "kernels/weights/model_params.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "kernels/weights/vocabulary_format.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::kernels::test {
namespace {

std::string raw(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

using Names = std::map<std::string, std::string>;

// Names of GGUF in transformers, written down apart from the reader's table.
const Names& outside_names(const std::string& architecture) {
  static const Names kUsual = {{"token_embd.weight", "model.embed_tokens.weight"},
                               {"output_norm.weight", "model.norm.weight"},
                               {"output.weight", "lm_head.weight"}};
  static const Names kGpt2 = {{"token_embd.weight", "transformer.wte.weight"},
                              {"position_embd.weight", "transformer.wpe.weight"},
                              {"output_norm.weight", "transformer.ln_f.weight"},
                              {"output_norm.bias", "transformer.ln_f.bias"},
                              {"output.weight", "lm_head.weight"}};
  return architecture == "gpt2" ? kGpt2 : kUsual;
}

std::string part_name(const std::string& architecture, const std::string& part) {
  static const Names kUsual = {{"attn_norm", "input_layernorm"},
                               {"attn_q", "self_attn.q_proj"},
                               {"attn_k", "self_attn.k_proj"},
                               {"attn_v", "self_attn.v_proj"},
                               {"attn_qkv", "self_attn.qkv_proj"},
                               {"attn_output", "self_attn.o_proj"},
                               {"attn_q_norm", "self_attn.q_norm"},
                               {"attn_k_norm", "self_attn.k_norm"},
                               {"ffn_norm", "post_attention_layernorm"},
                               {"ffn_gate", "mlp.gate_proj"},
                               {"ffn_up", "mlp.up_proj"},
                               {"ffn_down", "mlp.down_proj"}};
  static const Names kGemma = {{"post_attention_norm", "post_attention_layernorm"},
                               {"ffn_norm", "pre_feedforward_layernorm"},
                               {"post_ffw_norm", "post_feedforward_layernorm"}};
  static const Names kGpt2 = {{"attn_norm", "ln_1"},          {"attn_qkv", "attn.c_attn"},
                              {"attn_output", "attn.c_proj"}, {"ffn_norm", "ln_2"},
                              {"ffn_up", "mlp.c_fc"},         {"ffn_down", "mlp.c_proj"}};
  if (architecture == "gpt2") return kGpt2.at(part);
  if (architecture == "gemma3" && kGemma.contains(part)) return kGemma.at(part);
  if (architecture == "phi3" && part == "ffn_up") return "mlp.gate_up_proj";
  return kUsual.at(part);
}

std::string hf_name(const std::string& architecture, const std::string& name) {
  const Names& outside = outside_names(architecture);
  if (outside.contains(name)) return outside.at(name);
  const std::size_t layer = name.find('.') + 1, part = name.find('.', layer) + 1;
  const std::size_t kind = name.rfind('.');
  return (architecture == "gpt2" ? "transformer.h." : "model.layers.") +
         name.substr(layer, part - layer) +
         part_name(architecture, name.substr(part, kind - part)) + name.substr(kind);
}

// The bytes of `rows` rows in another order.
std::string reordered(std::string_view bytes, std::uint64_t rows,
                      const std::function<std::uint64_t(std::uint64_t)>& from) {
  const std::size_t row_bytes = bytes.size() / rows;
  std::string result;
  for (std::uint64_t row = 0; row < rows; ++row) {
    result += bytes.substr(from(row) * row_bytes, row_bytes);
  }
  return result;
}

std::string transposed(const Tensor& tensor) {
  const std::string bytes = raw(tensor.bytes);
  const std::size_t size = bytes.size() / (tensor.rows() * tensor.cols());
  std::string result;
  for (std::uint64_t col = 0; col < tensor.cols(); ++col) {
    for (std::uint64_t row = 0; row < tensor.rows(); ++row) {
      result += bytes.substr((row * tensor.cols() + col) * size, size);
    }
  }
  return result;
}

std::string less_one(const Tensor& tensor) {
  std::string bytes = raw(tensor.bytes);
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, &bytes[at], sizeof value);
    value -= 1;
    std::memcpy(&bytes[at], &value, sizeof value);
  }
  return bytes;
}

bool ends_with_norm(std::string_view name) { return name.ends_with("norm.weight"); }

// The tensor as transformers keeps it, and its shape, outermost first.
void add_tensor(SafetensorsBytes& file, const std::string& name, const Tensor& tensor,
                const ModelParams& params) {
  std::vector<std::uint64_t> shape(tensor.shape.rbegin(), tensor.shape.rend());
  std::string bytes = raw(tensor.bytes);
  const auto head = static_cast<std::uint64_t>(params.head_dim);
  const bool turned = tensor.name.find("attn_q.") != std::string_view::npos ||
                      tensor.name.find("attn_k.") != std::string_view::npos;
  if (params.architecture == "llama" && turned) {
    bytes = reordered(bytes, shape[0], [&](std::uint64_t row) { return rope_file_row(row, head); });
  } else if (params.architecture == "gemma3" && ends_with_norm(tensor.name)) {
    bytes = less_one(tensor);
  } else if (name.find(".c_") != std::string::npos && shape.size() == 2) {
    std::swap(shape[0], shape[1]);
    bytes = transposed(tensor);
  }
  file.add(name, std::string(traits_of(tensor.type)->name), shape, bytes);
}

template <class T>
T must(Expected<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

void write_weights(const ModelFile& model, const std::string& folder, std::size_t count) {
  const auto params = must(read_model_params(model));
  std::vector<SafetensorsBytes> files(count);
  Json map;
  std::size_t next = 0;
  for (const Tensor& tensor : model.tensors()) {
    if (tensor.name.starts_with("rope_")) continue;  // follows from config.json
    const std::size_t index = next++ % count;
    const std::string name = hf_name(params.architecture, std::string(tensor.name));
    add_tensor(files[index], name, tensor, params);
    map[name] = fmt::format("model-{:05}-of-{:05}.safetensors", index + 1, count);
  }
  if (count == 1) return write_file(folder + "/model.safetensors", files[0].bytes());
  for (std::size_t index = 0; index < count; ++index) {
    write_file(fmt::format("{}/model-{:05}-of-{:05}.safetensors", folder, index + 1, count),
               files[index].bytes());
  }
  write_file(folder + "/model.safetensors.index.json", Json{{"weight_map", map}}.dump());
}

std::vector<float> numbers_of(const ModelFile& model, const char* name) {
  const Tensor& tensor = *model.tensor(name);
  std::vector<float> numbers(tensor.cols());
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

std::string class_of(const ModelParams& params) {
  if (params.architecture == "llama")
    return params.window > 0 ? "MistralForCausalLM" : "LlamaForCausalLM";
  const std::map<std::string, std::string> classes = {{"qwen2", "Qwen2ForCausalLM"},
                                                      {"qwen3", "Qwen3ForCausalLM"},
                                                      {"gemma3", "Gemma3ForCausalLM"},
                                                      {"phi3", "Phi3ForCausalLM"},
                                                      {"gpt2", "GPT2LMHeadModel"}};
  return classes.at(params.architecture);
}

Json gpt2_config(const ModelParams& params) {
  return {{"n_layer", params.layers},
          {"n_embd", params.width},
          {"n_head", params.heads},
          {"n_inner", params.ffn_width},
          {"n_positions", params.context},
          {"vocab_size", params.vocabulary},
          {"activation_function", "gelu_new"},
          {"layer_norm_epsilon", params.norm_epsilon}};
}

Json rope_scaling(const ModelFile& model, const ModelParams& params) {
  if (params.long_and_short_rope) {
    return {{"type", "longrope"},
            {"long_factor", numbers_of(model, kLongRopeTensor)},
            {"short_factor", numbers_of(model, kShortRopeTensor)},
            {"attention_factor", static_cast<float>(params.rope_magnitude)}};
  }
  if (params.rope_linear_scale > 1) {
    return {{"rope_type", "linear"}, {"factor", params.rope_linear_scale}};
  }
  if (params.rope_frequency_divisor.empty()) return nullptr;
  return {{"rope_type", "llama3"},  // synthetic models have those of Llama 3.2
          {"factor", 32.0},
          {"low_freq_factor", 1.0},
          {"high_freq_factor", 4.0},
          {"original_max_position_embeddings", 8'192}};
}

}  // namespace

SafetensorsBytes& SafetensorsBytes::add(const std::string& name, const std::string& dtype,
                                        const std::vector<std::uint64_t>& shape,
                                        std::string_view bytes) {
  header_[name] = {{"dtype", dtype},
                   {"shape", shape},
                   {"data_offsets", {data_.size(), data_.size() + bytes.size()}}};
  data_ += bytes;
  return *this;
}

SafetensorsBytes& SafetensorsBytes::add(const std::string& name,
                                        const std::vector<std::uint64_t>& shape,
                                        const std::vector<float>& values) {
  return add(name, "F32", shape, raw(std::as_bytes(std::span(values))));
}

std::string SafetensorsBytes::bytes() const { return bytes_with(header_.dump()); }

std::string SafetensorsBytes::bytes_with(std::string_view header) const {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.append(header).append(data_);
}

Json hf_config(const ModelFile& model) {
  const auto params = must(read_model_params(model));
  const bool gpt2 = params.architecture == "gpt2";
  Json config = gpt2 ? gpt2_config(params)
                     : Json{{"num_hidden_layers", params.layers},
                            {"hidden_size", params.width},
                            {"num_attention_heads", params.heads},
                            {"num_key_value_heads", params.kv_heads},
                            {"head_dim", params.head_dim},
                            {"intermediate_size", params.ffn_width},
                            {"vocab_size", params.vocabulary},
                            {"max_position_embeddings", params.context},
                            {"rms_norm_eps", params.norm_epsilon},
                            {"rope_theta", params.rope_base},
                            {"rope_scaling", rope_scaling(model, params)}};
  config["architectures"] = Json::array({class_of(params)});
  config["tie_word_embeddings"] = params.tied_embeddings;
  config["bos_token_id"] = 1;
  config["eos_token_id"] = 2;
  if (params.window > 0) config["sliding_window"] = params.window;
  if (params.original_context > 0 && params.long_and_short_rope) {
    config["original_max_position_embeddings"] = params.original_context;
    config["partial_rotary_factor"] = double(params.rotated_dim()) / params.head_dim;
  }
  if (params.architecture == "gemma3") {
    config["sliding_window_pattern"] = params.window_pattern;
    config["query_pre_attn_scalar"] = params.head_dim;
    config["hidden_activation"] = "gelu_pytorch_tanh";
  }
  return config;
}

Json spm_tokenizer(const ModelFile& model) {
  const auto texts = must(model.find_texts("tokenizer.ggml.tokens")).value();
  const auto types = must(model.find_ints("tokenizer.ggml.token_type")).value();
  const auto scores = must(model.find_floats("tokenizer.ggml.scores")).value();
  const bool phi3 = must(model.find_text("general.architecture")).value_or("") == "phi3";
  Json vocabulary = Json::object(), added = Json::array(), merges = Json::array();
  std::set<std::string_view> pieces;
  std::vector<std::size_t> by_score;
  for (std::size_t id = 0; id < texts.size(); ++id) {
    vocabulary[std::string(texts[id])] = id;
    const TokenType type{static_cast<std::uint8_t>(types[id])};
    if (type == TokenType::control || type == TokenType::unknown) {
      const bool strips = phi3 && type == TokenType::control && texts[id] != "<s>";
      added.push_back(
          {{"id", id}, {"content", std::string(texts[id])}, {"special", true}, {"rstrip", strips}});
    } else if (type == TokenType::normal) {
      pieces.insert(texts[id]);
      by_score.push_back(id);
    }
  }
  std::ranges::stable_sort(by_score, std::greater<>(), [&](std::size_t id) { return scores[id]; });
  for (const std::size_t id : by_score) {
    for (std::size_t cut = 1; cut < texts[id].size(); ++cut) {
      const std::string_view left = texts[id].substr(0, cut), right = texts[id].substr(cut);
      if (!pieces.contains(left) || !pieces.contains(right)) continue;
      merges.push_back({std::string(left), std::string(right)});
    }
  }
  const Json mark = std::string(kSpaceMark);
  const Json prepend = {{"type", "Prepend"}, {"prepend", mark}};
  const Json replace = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", mark}};
  const Json leading = {{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}};
  return {{"version", "1.0"},
          {"added_tokens", added},
          {"normalizer", {{"type", "Sequence"}, {"normalizers", Json::array({prepend, replace})}}},
          {"pre_tokenizer", nullptr},
          {"post_processor", {{"type", "TemplateProcessing"}, {"single", Json::array({leading})}}},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"byte_fallback", true},
            {"fuse_unk", true},
            {"vocab", vocabulary},
            {"merges", merges}}}};
}

Json split_by(const std::string& regex) {
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", regex}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  const Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  return {{"type", "Sequence"}, {"pretokenizers", Json::array({split, bytes})}};
}

void write_hf_folder(const ModelFile& model, const std::string& folder, int files) {
  std::filesystem::create_directories(folder);
  write_file(folder + "/config.json", hf_config(model).dump(2));
  write_file(folder + "/tokenizer.json", spm_tokenizer(model).dump());
  write_weights(model, folder, static_cast<std::size_t>(files));
}

}  // namespace pecia::kernels::test
