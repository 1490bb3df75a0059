#pragma once
// The numbers that define a model, read from GGUF metadata and checked against each other and
// against the tensors, so that nothing behind this door has to doubt them.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/architectures.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

struct ModelParams {
  std::string architecture = "llama";
  ModelFeatures features;  // a plain llama's by default, as every number below
  int layers = 0;
  int width = 0;     // hidden size, elements of a residual row
  int heads = 0;     // query heads
  int kv_heads = 0;  // divides heads
  int head_dim = 0;  // even, <= 256
  int ffn_width = 0;
  int vocabulary = 0;  // rows of the embedding
  int context = 0;     // trained context, tokens
  float norm_epsilon = 0;
  float query_scale = 0;  // 0: 1/sqrt(head_dim)

  // -- positions
  int rope_dim = 0;  // first elements of a head that turn, even; 0: all
  double rope_base = 10'000;
  double rope_linear_scale = 1;               // position is divided by it
  double rope_magnitude = 1;                  // cosines and sines are multiplied by it
  std::vector<float> rope_frequency_divisor;  // rotated_dim() / 2 entries or empty
  // The file has a list of divisors for texts up to the original context and one for longer ones.
  // The one in use holds for every text of a run: pages of keys made by one are of no use to the
  // other. So it belongs to the model's identity.
  bool long_and_short_rope = false;
  bool long_rope = false;    // the one for longer texts
  int original_context = 0;  // tokens; 0: as context

  // -- layers with a window ("local")
  int window = 0;              // keys a query sees, its own included; 0: no layer has one
  int window_pattern = 0;      // every n-th layer has none; 0: all have one
  double local_rope_base = 0;  // without scale and divisors; 0: as the other layers

  bool tied_embeddings = false;  // no output.weight: the head is token_embd.weight

  int rotated_dim() const {
    if (features.positions == Positions::learned) return 0;
    return rope_dim > 0 ? rope_dim : head_dim;
  }
  bool is_local(int layer) const {
    return window > 0 && (window_pattern == 0 || (layer + 1) % window_pattern != 0);
  }
};

// `context_max`: tokens of the longest text there will be, which decides between two lists of
// rotary divisors; 0: as many as the model was trained for. REQUIRES nothing of the file; every
// fault is an Error (kind refuse) naming key or tensor.
Expected<ModelParams> read_model_params(const ModelFile& file, int context_max = 0);

// Positions a sequence may have: with rotation those whose angles are exact (kRopeAngleMax), never
// fewer than `context`; with learned positions those that were learned.
int exact_positions_max(const ModelParams& params);

// Bytes of an f16 KV page of 32 positions over `layers` layers.
std::uint64_t kv_page_bytes(const ModelParams& params, int layers);

}  // namespace pecia::kernels
