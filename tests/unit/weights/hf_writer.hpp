#pragma once
// Hugging Face folders for tests, written from GGUF models: what the reader must turn back.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/weights/model_file.hpp"

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

// config.json of a GGUF model of any architecture.
Json hf_config(const ModelFile& model);
// tokenizer.json of its SentencePiece vocabulary, with the merges that transformers would derive.
Json spm_tokenizer(const ModelFile& model);
// A pre_tokenizer of byte-level BPE that cuts by `regex`.
Json split_by(const std::string& regex);

// Folder with config.json, weights in so many files, and tokenizer.json of a GGUF model in F32, F16
// and BF16; tensors keep their types.
void write_hf_folder(const ModelFile& model, const std::string& folder, int files = 1);

}  // namespace pecia::kernels::test
