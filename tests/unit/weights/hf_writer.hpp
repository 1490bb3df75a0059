#pragma once
// Hugging Face folders for tests, written from GGUF models: what the reader must turn back.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/weights/gguf.hpp"

namespace pecia::kernels::test {

using Json = nlohmann::json;

// A safetensors file, tensor after tensor.
class SafetensorsBytes {
 public:
  // `shape` outermost first, as the format has it.
  SafetensorsBytes& add(const std::string& name, const std::string& dtype,
                        const std::vector<std::uint64_t>& shape, std::string_view bytes);
  SafetensorsBytes& add(const std::string& name, const std::vector<std::uint64_t>& shape,
                        const std::vector<float>& values);
  Json& header() { return header_; }
  std::string bytes() const;  // the whole file
  // Any header before the data so far.
  std::string bytes_with(std::string_view header) const;

 private:
  Json header_ = Json::object();
  std::string data_;
};

// config.json of a llama-shaped GGUF model.
Json llama_config(const Gguf& model);
// tokenizer.json of its SentencePiece vocabulary, with the merges that transformers would derive.
Json spm_tokenizer(const Gguf& model);
// A pre_tokenizer of byte-level BPE that cuts by `regex`.
Json split_by(const std::string& regex);

// How `model.safetensors` is written.
struct HfWeights {
  std::string dtype = "F32";  // of matrices; F16 and BF16 only where the model has that type
  int files = 1;              // more than one: with an index
};
// Folder with config.json, weights and tokenizer.json of a llama model of the GGUF type that
// weights.dtype names. Vectors are F32.
void write_llama_folder(const Gguf& model, const std::string& folder,
                        const HfWeights& weights = {});

}  // namespace pecia::kernels::test
