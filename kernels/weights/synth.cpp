#include "kernels/weights/synth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/llama_metadata.hpp"
#include "kernels/weights/llama_tensors.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/quantise.hpp"
#include "kernels/weights/synth_vocabulary.hpp"
#include "kernels/weights/synth_weights.hpp"

namespace pecia::kernels {
namespace {

constexpr float kNormEpsilon = 1e-5f;
constexpr std::size_t kChunkUnits = 1 << 14;  // 0.25 to 3.4 MB a write

// The numbers of the models' own config.json files.
constexpr std::array<SynthShape, 4> kShapes{{
    {.name = "tinyllama-1.1b",
     .layers = 22,
     .width = 2048,
     .heads = 32,
     .kv_heads = 4,
     .head_dim = 64,
     .ffn_width = 5632,
     .vocabulary = 32'000,
     .context = 2048},
    {.name = "smollm2-135m",
     .layers = 30,
     .width = 576,
     .heads = 9,
     .kv_heads = 3,
     .head_dim = 64,
     .ffn_width = 1536,
     .vocabulary = 49'152,
     .context = 8192,
     .tied = true,
     .rope_base = 100'000},
    {.name = "llama-3.2-1b",
     .layers = 16,
     .width = 2048,
     .heads = 32,
     .kv_heads = 8,
     .head_dim = 64,
     .ffn_width = 8192,
     .vocabulary = 128'256,
     .context = 131'072,
     .tied = true,
     .rope_base = 500'000,
     .llama3_rope = true},
    {.name = "llama-3-8b",
     .layers = 32,
     .width = 4096,
     .heads = 32,
     .kv_heads = 8,
     .head_dim = 128,
     .ffn_width = 14'336,
     .vocabulary = 128'256,
     .context = 8192,
     .rope_base = 500'000},
}};

Status check(const SynthShape& shape, const WeightRecipe& recipe) {
  if (name_of(recipe).empty()) {
    return fail(ErrorKind::refuse, "synthetic weights cannot be {} and {}",
                traits_of(recipe.most)->name, traits_of(recipe.better)->name);
  }
  const std::array numbers{shape.layers,   shape.width,     shape.heads,
                           shape.kv_heads, shape.ffn_width, shape.context};
  if (*std::min_element(numbers.begin(), numbers.end()) < 1) {
    return fail(ErrorKind::refuse, "shape '{}': every number must be at least 1", shape.name);
  }
  if (shape.heads % shape.kv_heads != 0 || shape.head_dim < 2 || shape.head_dim % 2 != 0) {
    return fail(ErrorKind::refuse,
                "shape '{}': heads must be a multiple of kv heads, and their size even",
                shape.name);
  }
  if (shape.vocabulary < kSynthVocabularyMin) {
    return fail(ErrorKind::refuse, "shape '{}': a vocabulary of {}, at least {} are needed",
                shape.name, shape.vocabulary, kSynthVocabularyMin);
  }
  return {};
}

ModelParams params_of(const SynthShape& shape) {
  ModelParams params;
  params.architecture = "llama";
  params.layers = shape.layers;
  params.width = shape.width;
  params.heads = shape.heads;
  params.kv_heads = shape.kv_heads;
  params.head_dim = shape.head_dim;
  params.ffn_width = shape.ffn_width;
  params.vocabulary = shape.vocabulary;
  params.context = shape.context;
  params.norm_epsilon = kNormEpsilon;
  params.rope_base = shape.rope_base;
  params.tied_embeddings = shape.tied;
  if (shape.llama3_rope) {
    params.rope_frequency_divisor = llama3_rope_divisors(shape.rope_base, shape.head_dim);
  }
  return params;
}

TensorType type_of(const TensorSpec& spec, const ModelParams& params, const WeightRecipe& recipe) {
  return weight_type_for(spec.name, spec.shape, recipe, params.layers, params.tied_embeddings);
}

GgufHeader header_for(const SynthShape& shape, const ModelParams& params,
                      std::span<const TensorSpec> specs, const WeightRecipe& recipe) {
  GgufHeader header;
  header.add_text("general.architecture", params.architecture);
  header.add_text("general.name", fmt::format("{} (random weights)", shape.name));
  add_file_type(header, recipe);
  add_llama_params(header, params);
  add_synth_vocabulary(header, shape.vocabulary);
  for (const TensorSpec& spec : specs) {
    header.add_tensor(spec.name, type_of(spec, params, recipe), spec.shape);
  }
  return header;
}

Status write_matrix(const TensorSpec& spec, TensorType type, RandomStream stream,
                    GgufWriter& writer) {
  const auto deviation = static_cast<float>(1 / std::sqrt(static_cast<double>(spec.shape[0])));
  const std::uint64_t bytes = *tensor_bytes(type, spec.shape);
  const std::uint64_t chunk_bytes = kChunkUnits * synth_unit_bytes(type);
  std::vector<std::byte> chunk;
  for (std::uint64_t done = 0, unit = 0; done < bytes; done += chunk.size(), unit += kChunkUnits) {
    chunk.resize(std::min(chunk_bytes, bytes - done));
    fill_weights(type, deviation, stream, unit, chunk);
    if (Status status = writer.write(chunk); !status) return status;
  }
  return {};
}

Status write_tensor(const TensorSpec& spec, const ModelParams& params, const WeightRecipe& recipe,
                    RandomStream stream, GgufWriter& writer) {
  if (spec.is_matrix()) return write_matrix(spec, type_of(spec, params, recipe), stream, writer);
  if (spec.name == kRopeTensor) {
    return writer.write(std::as_bytes(std::span(params.rope_frequency_divisor)));
  }
  return writer.write(std::as_bytes(std::span<const float>(synth_norm(stream, spec.shape[0]))));
}

}  // namespace

std::span<const SynthShape> synth_shapes() { return kShapes; }

const SynthShape* synth_shape_named(std::string_view name) {
  for (const SynthShape& shape : kShapes) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

Status synthesise(const SynthShape& shape, const WeightRecipe& recipe, std::uint64_t seed,
                  const std::string& path, const WriteProgress& progress) {
  if (Status status = check(shape, recipe); !status) return status;
  const ModelParams params = params_of(shape);
  const std::vector<TensorSpec> specs = llama_tensors(params);
  auto writer = GgufWriter::create(path, header_for(shape, params, specs, recipe), progress);
  if (!writer) return writer.error();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const RandomStream stream{seed, static_cast<std::uint32_t>(i)};
    if (Status status = write_tensor(specs[i], params, recipe, stream, *writer); !status) {
      return status;
    }
  }
  return writer->finish();
}

}  // namespace pecia::kernels
