#pragma once
// Random models: valid GGUF files of real shapes, for measuring speed and for tests. The bytes are
// a pure function of shape, type and seed. Memory: a few MB whatever the model's size.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "kernels/weights/file_type.hpp"
#include "kernels/weights/gguf_writer.hpp"

namespace pecia::kernels {

// The tokenizer needs <unk>, <s>, </s> and a token for each byte.
inline constexpr int kSynthVocabularyMin = 3 + 256;

struct SynthShape {
  std::string_view name;
  std::string_view architecture = "llama";  // of architectures.hpp
  int layers = 0;
  int width = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;  // even
  int ffn_width = 0;
  int vocabulary = 0;  // >= kSynthVocabularyMin
  int context = 0;     // trained context, tokens
  bool tied = false;
  double rope_base = 10'000;
  bool llama3_rope = false;  // rope_freqs.weight as Llama 3.2: factor 32 over 8,192 positions
  double rope_linear_scale = 1;
  int rope_dim = 0;          // 0: whole heads turn
  int original_context = 0;  // above 0: lists of divisors for texts up to it and beyond
  int window = 0;            // tokens; 0: none
  int window_pattern = 0;    // 0: as the architecture has it
  float norm_epsilon = 1e-5f;
  bool repeats_embedding = false;  // the head is there, and equal to the embedding
  bool biases = false;             // on every product, where the architecture leaves it to the file
};

// tinyllama-1.1b, smollm2-135m, llama-3.2-1b, llama-3-8b, qwen2-0.5b, qwen3-0.6b, gemma-3-1b,
// phi-3-mini, gpt2-124m.
std::span<const SynthShape> synth_shapes();
const SynthShape* synth_shape_named(std::string_view name);  // nullptr where there is none

// Matrices of the recipe's formats (others where rows do not divide, see weight_type_for()), each
// weight with a standard deviation of about 1/sqrt(inputs), so that activations stay near 1.
Status synthesise(const SynthShape& shape, const WeightRecipe& recipe, std::uint64_t seed,
                  const std::string& path, const WriteProgress& progress = {});

}  // namespace pecia::kernels
