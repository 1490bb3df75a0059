#pragma once
// A Hugging Face config.json as GGUF metadata, under the keys that llama.cpp's converter writes, so
// that whatever reads GGUF reads the model.
// Sources: transformers configuration_<name>.py for names and defaults, the GGUF convention for
// keys. Thread rule: pure.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/json_text.hpp"

namespace pecia::kernels {

struct HfConfig {
  std::string architecture;  // as GGUF names it: "llama", "gemma3", ..
  std::uint64_t layers = 0;
  std::uint64_t width = 0;
  std::uint64_t heads = 0, kv_heads = 0;
  std::uint64_t head_dim = 0;
  std::uint64_t vocabulary = 0;
  bool tied_embeddings = false;
  // Numbers that GGUF keeps as tensors; each list empty where the model has none.
  std::vector<float> rope_divisors;                            // rope_freqs.weight
  std::vector<float> rope_long_divisors, rope_short_divisors;  // rope_factors_*.weight
};

// Reads `config` and appends the metadata, general.architecture first. `name` stands in errors.
// Refused (kind refuse): an architecture that is not supported, and any setting that would change
// the arithmetic beyond what the keys can say.
Expected<HfConfig> read_hf_config(const Json& config, const std::string& name, GgufHeader& header);

}  // namespace pecia::kernels
