#pragma once
// The other way of export_model.hpp: a trained model as the first weights of another run.

#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/training/parameters.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// Weights laid out by `table`. A tensor that is absent, not F32 or of another shape is refused with
// its name and what was expected.
Expected<std::vector<float>> import_model(const ModelFile& model, const ModelParams& shape,
                                          const ParameterTable& table);

}  // namespace pecia::kernels
