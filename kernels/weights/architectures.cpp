#include "kernels/weights/architectures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace pecia::kernels {
namespace {

// Sources: the models' own code in transformers (modeling_<name>.py), and for names, row orders and
// defaults the GGUF converter. RMS weights of gemma lie in the file with their +1.
constexpr std::array<Architecture, 6> kArchitectures{{
    // Also mistral, and whatever else converts to this name.
    {.name = "llama", .features = {}, .biases_by_file = true, .window = WindowUse::optional},
    {.name = "qwen2", .features = {.rope_pairs = RopePairs::halves, .qkv_bias = true}},
    {.name = "qwen3", .features = {.rope_pairs = RopePairs::halves, .head_norms = true}},
    {.name = "gemma3",
     .features = {.feed_forward = FeedForward::geglu,
                  .rope_pairs = RopePairs::halves,
                  .head_norms = true,
                  .post_norms = true,
                  .scaled_embedding = true},
     .window = WindowUse::always,
     .window_pattern = 6,
     .local_rope_base = 10'000,
     .width_scaled_layers = 62},  // 27b: query_pre_attn_scalar 168
    {.name = "phi3",
     .features = {.rope_pairs = RopePairs::halves, .fused_qkv = true, .fused_gate = true},
     .window = WindowUse::optional,
     .windowless_context = 4'096,
     .windowless_window = 2'047},
    {.name = "gpt2",
     .features = {.norm = NormKind::layer,
                  .feed_forward = FeedForward::gelu,
                  .positions = Positions::learned,
                  .rope_pairs = RopePairs::halves,
                  .fused_qkv = true,
                  .qkv_bias = true,
                  .output_bias = true,
                  .ffn_bias = true}},
}};

}  // namespace

std::span<const Architecture> architectures() { return kArchitectures; }

const Architecture* architecture_named(std::string_view name) {
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.name == name) return &architecture;
  }
  return nullptr;
}

std::string architecture_names() {
  std::vector<std::string_view> names;
  std::ranges::transform(kArchitectures, std::back_inserter(names), &Architecture::name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace pecia::kernels
