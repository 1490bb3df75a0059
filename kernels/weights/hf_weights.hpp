#pragma once
// Tensors of a Hugging Face model as GGUF has them. Matrices stay where they lie; what GGUF keeps
// otherwise (F32 norms and biases, norms with their 1, transposed matrices) becomes memory of ours:
// for all but gpt2 some kilobytes a layer, for gpt2 as much as its matrices are large, where
// anybody reads them (ModelContent::facts_only). Thread rule: one thread.

#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/weights/hf_config.hpp"
#include "kernels/weights/model_content.hpp"
#include "kernels/weights/safetensors.hpp"

namespace pecia::kernels {

// Appends `stored` to content.tensors under its GGUF name; nothing where it is none of the text
// model's own. Refused: a tensor that the architecture does not have, a dtype other than F32, F16
// and BF16. `file` stands in errors.
Status add_hf_tensor(const StoredTensor& stored, const HfConfig& config, const std::string& file,
                     ModelContent& content);

// The lists of numbers that GGUF keeps as tensors.
void add_hf_divisors(const HfConfig& config, ModelContent& content);

}  // namespace pecia::kernels
