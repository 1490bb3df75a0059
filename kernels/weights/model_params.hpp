#pragma once
// The numbers that define a llama-shaped model, read from GGUF metadata and checked against each
// other and against the tensors, so that nothing behind this door has to doubt them.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/gguf.hpp"

namespace pecia::kernels {

struct ModelParams {
  std::string architecture;  // "llama"
  int layers = 0;
  int width = 0;     // hidden size, elements of a residual row
  int heads = 0;     // query heads
  int kv_heads = 0;  // divides heads
  int head_dim = 0;  // even, <= 256
  int ffn_width = 0;
  int vocabulary = 0;  // rows of the embedding
  int context = 0;     // trained context, tokens
  float norm_epsilon = 0;
  double rope_base = 10'000;
  double rope_linear_scale = 1;               // position is divided by it
  std::vector<float> rope_frequency_divisor;  // head_dim / 2 entries or empty (llama 3 scaling)
  bool tied_embeddings = false;               // no output.weight: the head is token_embd.weight
};

// REQUIRES nothing of the file; every fault is an Error (kind refuse) naming key or tensor.
Expected<ModelParams> read_model_params(const Gguf& file);

// Positions whose rotary angles are exact (kRopeAngleMax); never fewer than `context`.
int exact_positions_max(const ModelParams& params);

// Bytes of an f16 KV page of 32 positions over `layers` layers.
std::uint64_t kv_page_bytes(const ModelParams& params, int layers);

}  // namespace pecia::kernels
