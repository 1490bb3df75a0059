#include "tests/unit/weights/hf_writer.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

#include "kernels/weights/model_tensors.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/vocabulary_format.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::kernels::test {
namespace {

std::string raw(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The name of a llama tensor in transformers, written down apart from the reader's table.
std::string hf_name(const std::string& name) {
  static const std::map<std::string, std::string> kOutside = {
      {"token_embd.weight", "model.embed_tokens.weight"},
      {"output_norm.weight", "model.norm.weight"},
      {"output.weight", "lm_head.weight"}};
  static const std::map<std::string, std::string> kParts = {
      {"attn_norm.weight", "input_layernorm.weight"},
      {"attn_q.weight", "self_attn.q_proj.weight"},
      {"attn_k.weight", "self_attn.k_proj.weight"},
      {"attn_v.weight", "self_attn.v_proj.weight"},
      {"attn_output.weight", "self_attn.o_proj.weight"},
      {"ffn_norm.weight", "post_attention_layernorm.weight"},
      {"ffn_gate.weight", "mlp.gate_proj.weight"},
      {"ffn_up.weight", "mlp.up_proj.weight"},
      {"ffn_down.weight", "mlp.down_proj.weight"}};
  if (kOutside.contains(name)) return kOutside.at(name);
  const std::size_t dot = name.find('.', 4);
  return "model.layers." + name.substr(4, dot - 4) + "." + kParts.at(name.substr(dot + 1));
}

// Rows of q and k as transformers keeps them: the first halves of a head's pairs, then the second.
std::string hf_rows(const Tensor& tensor, std::uint64_t head_dim) {
  const bool turned = tensor.name.find("attn_q.") != std::string_view::npos ||
                      tensor.name.find("attn_k.") != std::string_view::npos;
  if (!turned) return raw(tensor.bytes);
  std::string rows;
  for (std::uint64_t row = 0; row < tensor.rows(); ++row) {
    const std::uint64_t from = rope_file_row(row, head_dim);
    rows += raw(tensor.bytes.subspan(from * tensor.row_bytes(), tensor.row_bytes()));
  }
  return rows;
}

template <class T>
T must(Expected<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

void write_weights(const Gguf& model, const std::string& folder, const HfWeights& weights) {
  const auto params = must(read_model_params(model));
  std::vector<SafetensorsBytes> files(static_cast<std::size_t>(weights.files));
  Json map;
  std::size_t next = 0;
  for (const Tensor& tensor : model.tensors()) {
    if (tensor.name == kRopeTensor) continue;  // follows from config.json
    const std::size_t index = next++ % files.size();
    const std::string name = hf_name(std::string(tensor.name));
    const std::string dtype = tensor.shape.size() == 1 ? "F32" : weights.dtype;
    files[index].add(name, dtype, {tensor.shape.rbegin(), tensor.shape.rend()},
                     hf_rows(tensor, static_cast<std::uint64_t>(params.head_dim)));
    map[name] = fmt::format("model-{:05}-of-{:05}.safetensors", index + 1, files.size());
  }
  if (files.size() == 1) return write_file(folder + "/model.safetensors", files[0].bytes());
  for (std::size_t index = 0; index < files.size(); ++index) {
    write_file(fmt::format("{}/model-{:05}-of-{:05}.safetensors", folder, index + 1, files.size()),
               files[index].bytes());
  }
  write_file(folder + "/model.safetensors.index.json", Json{{"weight_map", map}}.dump());
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

Json llama_config(const Gguf& model) {
  const auto params = must(read_model_params(model));
  Json config = {{"architectures", Json::array({"LlamaForCausalLM"})},
                 {"model_type", "llama"},
                 {"hidden_act", "silu"},
                 {"num_hidden_layers", params.layers},
                 {"hidden_size", params.width},
                 {"num_attention_heads", params.heads},
                 {"num_key_value_heads", params.kv_heads},
                 {"head_dim", params.head_dim},
                 {"intermediate_size", params.ffn_width},
                 {"vocab_size", params.vocabulary},
                 {"max_position_embeddings", params.context},
                 {"rms_norm_eps", params.norm_epsilon},
                 {"rope_theta", params.rope_base},
                 {"tie_word_embeddings", params.tied_embeddings},
                 {"rope_scaling", nullptr},
                 {"bos_token_id", 1},
                 {"eos_token_id", 2}};
  if (!params.rope_frequency_divisor.empty()) {  // synthetic models have those of Llama 3.2
    config["rope_scaling"] = {{"rope_type", "llama3"},
                              {"factor", 32.0},
                              {"low_freq_factor", 1.0},
                              {"high_freq_factor", 4.0},
                              {"original_max_position_embeddings", 8'192}};
  }
  return config;
}

Json spm_tokenizer(const Gguf& model) {
  const auto texts = must(model.find_texts("tokenizer.ggml.tokens")).value();
  const auto types = must(model.find_ints("tokenizer.ggml.token_type")).value();
  const auto scores = must(model.find_floats("tokenizer.ggml.scores")).value();
  Json vocabulary = Json::object(), added = Json::array(), merges = Json::array();
  std::set<std::string_view> pieces;
  std::vector<std::size_t> by_score;
  for (std::size_t id = 0; id < texts.size(); ++id) {
    vocabulary[std::string(texts[id])] = id;
    const TokenType type{static_cast<std::uint8_t>(types[id])};
    if (type == TokenType::control || type == TokenType::unknown) {
      added.push_back({{"id", id}, {"content", std::string(texts[id])}, {"special", true}});
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

void write_llama_folder(const Gguf& model, const std::string& folder, const HfWeights& weights) {
  std::filesystem::create_directories(folder);
  write_file(folder + "/config.json", llama_config(model).dump(2));
  write_file(folder + "/tokenizer.json", spm_tokenizer(model).dump());
  write_weights(model, folder, weights);
}

}  // namespace pecia::kernels::test
