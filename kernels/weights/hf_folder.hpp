#pragma once
// A folder as Hugging Face keeps a model: config.json, weights in model.safetensors or in the files
// that model.safetensors.index.json names, and where there are any tokenizer.json,
// tokenizer_config.json, generation_config.json and chat_template.jinja.
// Every fault is an Error (kind refuse) of one line that names file, place and reason.

#include <memory>
#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct ModelContent;

bool is_folder(const std::string& path);

// The model as if it were the GGUF file that it converts to. The weights stay mapped.
// `facts_only`: matrices that GGUF has the other way round stay as they lie
// (ModelFile::Use::facts).
Expected<std::shared_ptr<ModelContent>> read_hf_folder(const std::string& path, bool facts_only);

}  // namespace pecia::kernels
