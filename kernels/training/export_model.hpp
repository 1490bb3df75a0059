#pragma once
// Trained weights as a llama GGUF in F32, the master from which other formats are converted.

#include <span>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/training/parameters.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// `weights` laid out by `table`; every `tokenizer.*` key of `tokenizer` is copied as it lies there.
// A tokenizer with another number of tokens than the shape's vocabulary is refused.
Status export_model(const std::string& path, const std::string& name, const ModelParams& shape,
                    const ParameterTable& table, std::span<const float> weights,
                    const ModelFile& tokenizer);

}  // namespace pecia::kernels
