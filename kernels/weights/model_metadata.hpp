#pragma once
// The numbers of a llama-shaped model as GGUF metadata: what read_model_params() reads back.

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

// The `llama.*` keys; rope divisors travel as a tensor, not here.
void add_llama_params(GgufHeader& header, const ModelParams& params);

}  // namespace pecia::kernels
