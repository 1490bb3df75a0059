#include "kernels/weights/synth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/model_metadata.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "kernels/weights/quantise.hpp"
#include "kernels/weights/rope_scaling.hpp"
#include "kernels/weights/synth_vocabulary.hpp"
#include "kernels/weights/synth_weights.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kChunkUnits = 1 << 14;  // 0.25 to 3.4 MB a write

// The numbers of the models' own config.json files.
constexpr std::array<SynthShape, 9> kShapes{{
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
    {.name = "qwen2-0.5b",
     .architecture = "qwen2",
     .layers = 24,
     .width = 896,
     .heads = 14,
     .kv_heads = 2,
     .head_dim = 64,
     .ffn_width = 4864,
     .vocabulary = 151'936,
     .context = 131'072,
     .tied = true,
     .rope_base = 1e6,
     .norm_epsilon = 1e-6f},
    {.name = "qwen3-0.6b",
     .architecture = "qwen3",
     .layers = 28,
     .width = 1024,
     .heads = 16,
     .kv_heads = 8,
     .head_dim = 128,
     .ffn_width = 3072,
     .vocabulary = 151'936,
     .context = 40'960,
     .tied = true,
     .rope_base = 1e6,
     .norm_epsilon = 1e-6f},
    {.name = "gemma-3-1b",
     .architecture = "gemma3",
     .layers = 26,
     .width = 1152,
     .heads = 4,
     .kv_heads = 1,
     .head_dim = 256,
     .ffn_width = 6912,
     .vocabulary = 262'144,
     .context = 32'768,
     .tied = true,
     .rope_base = 1e6,
     .window = 512,
     .norm_epsilon = 1e-6f},
    {.name = "phi-3-mini",
     .architecture = "phi3",
     .layers = 32,
     .width = 3072,
     .heads = 32,
     .kv_heads = 32,
     .head_dim = 96,
     .ffn_width = 8192,
     .vocabulary = 32'064,
     .context = 4096,
     .window = 2047},
    {.name = "gpt2-124m",
     .architecture = "gpt2",
     .layers = 12,
     .width = 768,
     .heads = 12,
     .kv_heads = 12,
     .head_dim = 64,
     .ffn_width = 3072,
     .vocabulary = 50'257,
     .context = 1024,
     .repeats_embedding = true},
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
  if (architecture_named(shape.architecture) == nullptr) {
    return fail(ErrorKind::refuse, "shape '{}': architecture '{}' is not supported; {} are",
                shape.name, shape.architecture, architecture_names());
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

// Lists of rope divisors as longrope has them: the short one stays near 1, the long one rises from
// 1 to the ratio of the contexts.
std::vector<float> longrope_divisors(const SynthShape& shape, bool is_long) {
  const int count = (shape.rope_dim > 0 ? shape.rope_dim : shape.head_dim) / 2;
  const double top = is_long ? double(shape.context) / shape.original_context : 1.25;
  std::vector<float> divisors(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) divisors[i] = static_cast<float>(1 + (top - 1) * i / count);
  return divisors;
}

void set_features(const SynthShape& shape, ModelParams& params) {
  const Architecture& architecture = *architecture_named(shape.architecture);
  params.features = architecture.features;
  if (architecture.biases_by_file && shape.biases) {
    params.features.qkv_bias = params.features.output_bias = params.features.ffn_bias = true;
  }
  params.window = shape.window;
  params.window_pattern =
      shape.window_pattern > 0 ? shape.window_pattern : architecture.window_pattern;
  params.local_rope_base = architecture.local_rope_base;
}

void set_rope_divisors(const SynthShape& shape, ModelParams& params) {
  if (shape.llama3_rope) {
    params.rope_frequency_divisor =
        llama3_rope_divisors({.base = shape.rope_base, .dimensions = shape.head_dim});
  }
  if (shape.original_context == 0) return;
  const double ratio = double(shape.context) / shape.original_context;
  params.original_context = shape.original_context;
  params.long_and_short_rope = true;
  params.rope_frequency_divisor = longrope_divisors(shape, ratio > 1);
  params.rope_magnitude = longrope_magnitude(shape.context, shape.original_context);
}

ModelParams params_of(const SynthShape& shape) {
  ModelParams params;
  params.architecture = shape.architecture;
  params.layers = shape.layers;
  params.width = shape.width;
  params.heads = shape.heads;
  params.kv_heads = shape.kv_heads;
  params.head_dim = shape.head_dim;
  params.ffn_width = shape.ffn_width;
  params.vocabulary = shape.vocabulary;
  params.context = shape.context;
  params.norm_epsilon = shape.norm_epsilon;
  params.rope_dim = shape.rope_dim;
  params.rope_base = shape.rope_base;
  params.rope_linear_scale = shape.rope_linear_scale;
  params.tied_embeddings = shape.tied;
  set_features(shape, params);
  set_rope_divisors(shape, params);
  return params;
}

// Without the hyphens: llama.cpp looks for tokens of Phi-3's own vocabulary where a name has
// "phi-3".
std::string title_of(const SynthShape& shape) {
  std::string name(shape.name);
  std::ranges::replace(name, '-', ' ');
  return fmt::format("{} (random weights)", name);
}

TensorType type_of(const TensorSpec& spec, const ModelParams& params, const WeightRecipe& recipe) {
  return weight_type_for(spec.name, spec.shape, recipe, params.layers, params.tied_embeddings);
}

GgufHeader header_for(const SynthShape& shape, const ModelParams& params,
                      std::span<const TensorSpec> specs, const WeightRecipe& recipe) {
  GgufHeader header;
  header.add_text("general.architecture", params.architecture);
  header.add_text("general.name", title_of(shape));
  add_file_type(header, recipe);
  add_model_params(header, params);
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

Status write_vector(std::span<const float> values, GgufWriter& writer) {
  return writer.write(std::as_bytes(values));
}

// Biases of deviation 0.1: large enough that one left out shows, small beside what they are added
// to.
std::vector<float> synth_bias(RandomStream stream, std::size_t count) {
  constexpr float kDeviation = 0.1f;
  std::vector<float> values(count);
  std::vector<std::byte> bytes(count * sizeof(float));
  fill_weights(TensorType::f32, kDeviation, stream, 0, bytes);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Status write_tensor(const TensorSpec& spec, const SynthShape& shape, const ModelParams& params,
                    const WeightRecipe& recipe, RandomStream stream, GgufWriter& writer) {
  if (spec.is_matrix()) return write_matrix(spec, type_of(spec, params, recipe), stream, writer);
  if (spec.is_bias()) return write_vector(synth_bias(stream, spec.shape[0]), writer);
  if (spec.name == kRopeTensor) return write_vector(params.rope_frequency_divisor, writer);
  if (spec.name == kLongRopeTensor) return write_vector(longrope_divisors(shape, true), writer);
  if (spec.name == kShortRopeTensor) return write_vector(longrope_divisors(shape, false), writer);
  return write_vector(synth_norm(stream, spec.shape[0]), writer);
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
  const std::vector<TensorSpec> specs = model_tensors(params);
  auto writer = GgufWriter::create(path, header_for(shape, params, specs, recipe), progress);
  if (!writer) return writer.error();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const bool repeats = shape.repeats_embedding && specs[i].name == kHeadTensor;
    const RandomStream stream{seed, repeats ? 0 : static_cast<std::uint32_t>(i)};
    if (Status status = write_tensor(specs[i], shape, params, recipe, stream, *writer); !status) {
      return status;
    }
  }
  return writer->finish();
}

}  // namespace pecia::kernels
