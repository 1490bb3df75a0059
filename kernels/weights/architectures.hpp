#pragma once
// What the supported architectures are made of: one entry each, as a set of features. Everything
// behind read_model_params() asks for features and knows no architecture by name.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace pecia::kernels {

enum class NormKind : std::uint8_t {
  rms,    // x / rms(x) * weight
  layer,  // (x - mean) / deviation * weight + bias
};
enum class FeedForward : std::uint8_t {
  swiglu,  // silu(gate) * up
  geglu,   // gelu(gate) * up, gelu in its tanh form
  gelu,    // gelu(up): no gate
};
enum class Positions : std::uint8_t {
  rotary,   // queries and keys turn
  learned,  // a row of position_embd.weight is added to the embedding
};
// Which elements of a head turn together, by the file's row order; inside it is always halves.
enum class RopePairs : std::uint8_t { adjacent, halves };

struct ModelFeatures {
  NormKind norm = NormKind::rms;
  FeedForward feed_forward = FeedForward::swiglu;
  Positions positions = Positions::rotary;
  RopePairs rope_pairs = RopePairs::adjacent;
  bool fused_qkv = false;         // attn_qkv: the rows of q, then of k, then of v
  bool fused_gate = false;        // ffn_up: the rows of the gate, then of up
  bool qkv_bias = false;          // of the q, k and v products
  bool output_bias = false;       // of attention's output product
  bool ffn_bias = false;          // of the feed-forward products
  bool head_norms = false;        // RMS norm of every query and key head, before it turns
  bool post_norms = false;        // RMS norm of what attention and feed-forward add to the row
  bool scaled_embedding = false;  // the embedding row times sqrt(width)

  bool operator==(const ModelFeatures&) const = default;
  bool has_gate() const { return feed_forward != FeedForward::gelu; }
};

// Layers where a query sees only the nearest keys.
enum class WindowUse : std::uint8_t {
  never,     // a file that asks for one is refused
  optional,  // where the file names one
  always,    // the file must name one
};

struct Architecture {
  std::string_view name;  // general.architecture, and what its keys begin with
  ModelFeatures features;
  bool biases_by_file = false;  // bias features follow the tensors of the first layer
  WindowUse window = WindowUse::never;
  int window_pattern = 0;      // every n-th layer has no window; 0: all have one
  double local_rope_base = 0;  // of the layers with a window, without scaling; 0: as the others
  // Files older than the window's key: models of this context have this window.
  int windowless_context = 0;
  int windowless_window = 0;
  // A model of so many layers scales queries by 1/sqrt(width / heads), others by 1/sqrt(head_dim).
  int width_scaled_layers = 0;
};

std::span<const Architecture> architectures();
const Architecture* architecture_named(std::string_view name);  // nullptr where there is none
std::string architecture_names();                               // "llama, qwen2, .."

}  // namespace pecia::kernels
