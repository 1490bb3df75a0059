#pragma once
// The numbers of a model as GGUF metadata: what read_model_params() reads back.

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// The `<architecture>.*` keys; rope divisors travel as tensors, not here.
void add_model_params(GgufHeader& header, const ModelParams& params);

}  // namespace pecia::kernels
