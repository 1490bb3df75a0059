#pragma once
// Tiny random models made inside a test, and whole runs of the engine over them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/engine/engine.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/synth.hpp"

namespace pecia::kernels::testing {

// Grouped heads, rows that divide by 32; below 4 MB in every format, as the others.
SynthShape tiny_shape();
// No groups, a tied head, and rotation as Llama 3.2.
SynthShape tied_shape();
// Five heads to one of keys, and heads that together are wider than the residual row.
SynthShape wide_heads_shape();

// One or two of every architecture, with whatever it has beyond a plain llama; windows are shorter
// than the texts and no multiple of a page.
std::vector<SynthShape> architecture_shapes();
// Rows that divide by 256.
SynthShape grouped_shape();
// The shape that keeps a format whole.
SynthShape shape_for(TensorType type);

inline constexpr std::uint64_t kTinySeed = 7;

// A loaded GGUF with its packed weights.
struct LoadedModel {
  ModelFile file;
  std::shared_ptr<const Model> model;
};
LoadedModel load_model(const std::string& path);
// From kTinySeed; the file is gone, the map stays.
LoadedModel tiny_model(const WeightRecipe& recipe, const SynthShape& shape);
inline LoadedModel tiny_model(TensorType type) { return tiny_model(type, shape_for(type)); }

// Token ids that look random; none of <unk>, <s> and </s>.
std::vector<TokenId> random_tokens(std::size_t count, int vocabulary, std::uint64_t seed);

using LogitRows = std::vector<std::vector<float>>;

struct RunKnobs {
  int threads = 1;
  int batch = 1;  // sequences together; the one measured stands in the middle
  int chunk = 256;
  Isa isa = best_isa();
  int mate_tokens = 60;  // the others have 3 tokens and up to as many more
};

// Logits of positions >= from, in order, of a sequence evaluated among others.
LogitRows scored_logits(const LoadedModel& loaded, const std::vector<TokenId>& tokens, int from,
                        const RunKnobs& knobs);
LogitRows scored_logits(Engine& engine, const std::vector<TokenId>& tokens, int from);

std::string digest_of(const LogitRows& rows);  // SHA-256 of the f32 little-endian values

}  // namespace pecia::kernels::testing
