#include "kernels/weights/model_params.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_set>

#include "kernels/base/model_limits.hpp"
#include "kernels/weights/model_content.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "kernels/weights/param_limits.hpp"

namespace pecia::kernels {
namespace {

// Far above any model, and low enough that no product of two of them overflows.
constexpr double kNumberMax = 1e12;  // of a rope base, a scale, an epsilon

// Reads keys one after the other; the first fault stands in error() and later values do not count.
// A key is named without the architecture in front.
class KeyReader {
 public:
  KeyReader(const ModelFile& file, std::string_view architecture)
      : file_(file), prefix_(fmt::format("{}.", architecture)) {}

  bool has(const char* key) const { return file_.find(full(key)) != nullptr; }
  std::string full(const char* key) const { return prefix_ + key; }

  std::optional<Error>& error() { return error_; }
  bool ok() const { return !error_; }

  template <class... Args>
  void refuse(fmt::format_string<Args...> text, Args&&... args) {
    if (error_) return;
    error_ = fail(ErrorKind::refuse, "{}: {}", file_.path(),
                  fmt::format(text, std::forward<Args>(args)...));
  }

  // A whole number from `min` to `max`, or `fallback` where the key is absent and one is given.
  int whole(const char* key, int max, std::optional<int> fallback = {}, int min = 1) {
    const std::optional<std::uint64_t> value = keep(file_.find_unsigned(full(key)));
    if (!value) return absent(key, fallback);
    if (*value < static_cast<std::uint64_t>(min) || *value > static_cast<std::uint64_t>(max)) {
      refuse("metadata '{}' is {}, expected {} to {}", full(key), *value, min, max);
      return 1;
    }
    return static_cast<int>(*value);
  }

  // A number above 0.
  double positive(const char* key, std::optional<double> fallback = {}) {
    const std::optional<double> value = keep(file_.find_number(full(key)));
    if (!value) return absent(key, fallback);
    // As f32, which is what computes: a number that becomes 0 there would mean something else.
    if (!(static_cast<float>(*value) > 0 && *value <= kNumberMax)) {
      refuse("metadata '{}' is {}, expected a number above 0, at most {}", full(key), *value,
             kNumberMax);
      return 1;
    }
    return *value;
  }

  std::string text(const char* key, std::optional<std::string> fallback = {}) {
    const std::optional<std::string_view> value = keep(file_.find_text(full(key)));
    return value ? std::string(*value) : absent(key, std::move(fallback));
  }

  // The value, or nothing where it is absent or faulty.
  template <class T>
  std::optional<T> keep(Expected<std::optional<T>> found) {
    if (found) return std::move(found).value();
    if (!error_) error_ = found.error();
    return std::nullopt;
  }

 private:
  template <class T>
  T absent(const char* key, std::optional<T> fallback) {
    if (!fallback) refuse("metadata '{}' is missing", full(key));
    return fallback.value_or(T{1});
  }
  std::string absent(const char* key, const std::optional<std::string>& fallback) {
    if (!fallback) refuse("metadata '{}' is missing", full(key));
    return fallback.value_or("");
  }

  const ModelFile& file_;
  std::string prefix_;
  std::optional<Error> error_;
};

// -- numbers --------------------------------------------------------------------------------------

void read_heads(KeyReader& keys, ModelParams& params) {
  params.heads = keys.whole("attention.head_count", kHeadsMax);
  params.kv_heads = keys.whole("attention.head_count_kv", kHeadsMax, params.heads);
  const int head_dim = std::max(params.width / params.heads, 1);
  params.head_dim = keys.whole("attention.key_length", kHeadDimMax, head_dim);
  const int value_dim = keys.whole("attention.value_length", kHeadDimMax, params.head_dim);
  if (params.heads % params.kv_heads != 0) {
    keys.refuse("{} attention heads cannot share {} key-value heads evenly", params.heads,
                params.kv_heads);
  }
  if (params.head_dim % 2 != 0 || params.head_dim > kHeadDimMax) {
    keys.refuse("attention heads have {} dimensions, expected an even number up to {}",
                params.head_dim, kHeadDimMax);
  }
  if (value_dim != params.head_dim) {
    keys.refuse("keys of {} and values of {} dimensions: they must be equal", params.head_dim,
                value_dim);
  }
}

void read_query_scale(KeyReader& keys, const Architecture& architecture, ModelParams& params) {
  if (keys.has("attention.scale")) {
    params.query_scale = static_cast<float>(keys.positive("attention.scale"));
  } else if (params.layers == architecture.width_scaled_layers) {
    const int width_of_head = params.width / params.heads;
    params.query_scale = 1.0f / std::sqrt(static_cast<float>(width_of_head));
  }
}

double read_rope_base(KeyReader& keys, const char* key, double fallback) {
  const double base = keys.positive(key, fallback);
  if (base < 1) keys.refuse("metadata '{}' is {}, expected at least 1", keys.full(key), base);
  return base;
}

void read_rope(KeyReader& keys, const Architecture& architecture, ModelParams& params) {
  params.rope_dim = keys.whole("rope.dimension_count", kHeadDimMax, params.head_dim);
  if (params.rope_dim % 2 != 0 || params.rope_dim > params.head_dim) {
    keys.refuse("rotation of {} of {} head dimensions, expected an even number of them",
                params.rope_dim, params.head_dim);
  }
  params.rope_base = read_rope_base(keys, "rope.freq_base", 10'000.0);
  if (architecture.local_rope_base > 0) {
    params.local_rope_base =
        read_rope_base(keys, "rope.freq_base_swa", architecture.local_rope_base);
  }
  const std::string scaling = keys.text("rope.scaling.type", "linear");
  if (scaling == "linear") {
    const double old_key = keys.positive("rope.scale_linear", 1.0);
    params.rope_linear_scale = keys.positive("rope.scaling.factor", old_key);
  } else if (scaling != "none" && scaling != "longrope") {
    keys.refuse(
        "rope scaling '{}' is not supported; none, linear, longrope and rope_freqs.weight are",
        quoted(scaling));
  }
  params.rope_magnitude = keys.positive("rope.scaling.attn_factor", 1.0);
  params.original_context =
      keys.whole("rope.scaling.original_context_length", kContextMax, params.context);
}

int window_of_old_file(const Architecture& architecture, int context) {
  return context == architecture.windowless_context ? architecture.windowless_window : 0;
}

void read_window(KeyReader& keys, const Architecture& architecture, ModelParams& params) {
  constexpr const char* kKey = "attention.sliding_window";
  params.window_pattern = architecture.window_pattern;
  switch (architecture.window) {
    case WindowUse::always:
      params.window = keys.whole(kKey, kContextMax);
      params.window_pattern =
          keys.whole("attention.sliding_window_pattern", kLayersMax, architecture.window_pattern);
      return;
    case WindowUse::optional:
      params.window =
          keys.whole(kKey, kContextMax, window_of_old_file(architecture, params.context), 0);
      return;
    case WindowUse::never:
      if (const int window = keys.whole(kKey, kContextMax, 0, 0); window > 0) {
        keys.refuse("a window of {} tokens is not supported in a {} model", window,
                    architecture.name);
      }
  }
}

void refuse_unknown_steps(KeyReader& keys) {
  if (const int experts = keys.whole("expert_count", kLayersMax, 0, 0); experts > 0) {
    keys.refuse("mixtures of {} experts are not supported", experts);
  }
  for (const char* cap : {"attn_logit_softcapping", "final_logit_softcapping"}) {
    if (keys.has(cap)) keys.refuse("'{}' is not supported", keys.full(cap));
  }
}

void read_numbers(KeyReader& keys, const Architecture& architecture, ModelParams& params) {
  params.layers = keys.whole("block_count", kLayersMax);
  params.width = keys.whole("embedding_length", kWidthMax);
  params.ffn_width = keys.whole("feed_forward_length", kFfnWidthMax);
  params.context = keys.whole("context_length", kContextMax);
  params.norm_epsilon = static_cast<float>(keys.positive(params.features.norm == NormKind::rms
                                                             ? "attention.layer_norm_rms_epsilon"
                                                             : "attention.layer_norm_epsilon"));
  read_heads(keys, params);
  read_query_scale(keys, architecture, params);
  read_window(keys, architecture, params);
  if (params.features.positions == Positions::rotary) read_rope(keys, architecture, params);
}

// -- tensors --------------------------------------------------------------------------------------

void read_vocabulary(KeyReader& keys, const ModelFile& file, ModelParams& params) {
  const Tensor* embedding = file.tensor(kEmbeddingTensor);
  if (embedding == nullptr) return keys.refuse("tensor '{}' is missing", kEmbeddingTensor);
  const std::uint64_t rows = embedding->rows();
  if (rows > kVocabularyMax) {
    return keys.refuse("a vocabulary of {} tokens, at most {} are supported", rows, kVocabularyMax);
  }
  params.vocabulary = static_cast<int>(rows);
  params.tied_embeddings = file.tensor(kHeadTensor) == nullptr;
  const auto tokens = keys.keep(file.find_texts("tokenizer.ggml.tokens"));
  if (tokens && tokens->size() != rows) {
    keys.refuse("the tokenizer has {} tokens, '{}' has {} rows", tokens->size(), kEmbeddingTensor,
                rows);
  }
}

std::vector<float> read_divisors(KeyReader& keys, const Tensor& tensor, int count) {
  const auto expected = static_cast<std::uint64_t>(count);
  if (tensor.type != TensorType::f32 || tensor.rows() != 1 || tensor.cols() != expected) {
    keys.refuse("tensor '{}' must be {} F32 numbers", quoted(tensor.name), expected);
    return {};
  }
  std::vector<float> divisors(expected);
  std::memcpy(divisors.data(), tensor.bytes.data(), tensor.bytes.size());
  const auto usable = [](float divisor) { return std::isfinite(divisor) && divisor > 0; };
  if (!std::all_of(divisors.begin(), divisors.end(), usable)) {
    keys.refuse("tensor '{}' holds a number that is not finite or not above 0",
                quoted(tensor.name));
  }
  return divisors;
}

void read_rope_divisors(KeyReader& keys, const ModelFile& file, int context_max,
                        ModelParams& params) {
  const int count = params.rotated_dim() / 2;
  const Tensor* plain = file.tensor(kRopeTensor);
  const Tensor* of_long = file.tensor(kLongRopeTensor);
  const Tensor* of_short = file.tensor(kShortRopeTensor);
  if (plain != nullptr) params.rope_frequency_divisor = read_divisors(keys, *plain, count);
  if (of_long == nullptr || of_short == nullptr) {  // a single one has no place in a model
    if (keys.text("rope.scaling.type", "") == "longrope") {
      keys.refuse("rope scaling 'longrope' without '{}' and '{}'", kLongRopeTensor,
                  kShortRopeTensor);
    }
    return;
  }
  if (plain != nullptr)
    return keys.refuse("'{}' and '{}' in one file", kRopeTensor, kLongRopeTensor);
  std::vector<float> for_long = read_divisors(keys, *of_long, count);
  std::vector<float> for_short = read_divisors(keys, *of_short, count);
  params.long_and_short_rope = true;
  const int longest = context_max > 0 ? context_max : params.context;
  params.long_rope = longest > params.original_context;
  params.rope_frequency_divisor = std::move(params.long_rope ? for_long : for_short);
}

double smallest_divisor(const ModelParams& params) {
  const std::vector<float>& divisors = params.rope_frequency_divisor;
  return divisors.empty() ? 1.0 : static_cast<double>(*std::ranges::min_element(divisors));
}

// A pair turns by at most 1 / (scale * divisor) a position, for the base is at least 1.
void check_rope_angles(KeyReader& keys, const ModelParams& params) {
  if (params.features.positions == Positions::learned) return;
  const double divisor = smallest_divisor(params);
  const double angle = params.context / (params.rope_linear_scale * divisor);
  if (angle > kRopeAngleMax) {
    return keys.refuse(
        "a context of {} with rope scaling {} and smallest '{}' {} turns by {:.3g} radians, "
        "at most {:.3g} are exact",
        params.context, params.rope_linear_scale, kRopeTensor, divisor, angle, kRopeAngleMax);
  }
  if (params.window > 0 && params.local_rope_base > 0 && params.context > kRopeAngleMax) {
    keys.refuse(
        "a context of {} turns layers with a window by as many radians, at most {:.3g} are "
        "exact",
        params.context, kRopeAngleMax);
  }
}

void check_tensor(KeyReader& keys, const ModelFile& file, const TensorSpec& spec) {
  const Tensor* tensor = file.tensor(spec.name);
  if (tensor == nullptr) return keys.refuse("tensor '{}' is missing", spec.name);
  if (tensor->shape != spec.shape) {
    return keys.refuse("tensor '{}' is {}, expected {}", spec.name, fmt::join(tensor->shape, " x "),
                       fmt::join(spec.shape, " x "));
  }
  if (!spec.is_matrix() && tensor->type != TensorType::f32) {
    keys.refuse("tensor '{}' is {}, expected F32", spec.name, traits_of(tensor->type)->name);
  }
}

// A tensor beyond the specs (an expert, a second norm) would change the text if it were ignored.
void check_tensors(KeyReader& keys, const ModelFile& file, const ModelParams& params) {
  const std::vector<TensorSpec> specs = model_tensors(params);
  std::unordered_set<std::string_view> known;
  for (const TensorSpec& spec : specs) {
    check_tensor(keys, file, spec);
    known.insert(spec.name);
  }
  for (const Tensor& tensor : file.tensors()) {
    if (known.contains(tensor.name)) continue;
    keys.refuse("tensor '{}' has no place in a {} model of {} layers", quoted(tensor.name),
                params.architecture, params.layers);
  }
}

void read_biases(const ModelFile& file, ModelFeatures& features) {
  features.qkv_bias = file.tensor("blk.0.attn_q.bias") != nullptr;
  features.output_bias = file.tensor("blk.0.attn_output.bias") != nullptr;
  features.ffn_bias = file.tensor("blk.0.ffn_down.bias") != nullptr;
}

Expected<const Architecture*> architecture_of(const ModelFile& file) {
  constexpr const char* kKey = "general.architecture";
  const auto name = file.find_text(kKey);
  if (!name) return name.error();
  if (!*name) return fail(ErrorKind::refuse, "{}: metadata '{}' is missing", file.path(), kKey);
  if (const Architecture* known = architecture_named(**name)) return known;
  return fail(ErrorKind::refuse, "{}: architecture '{}' is not supported; {} are", file.path(),
              quoted(**name), architecture_names());
}

}  // namespace

Expected<ModelParams> read_model_params(const ModelFile& file, int context_max) {
  const Expected<const Architecture*> found = architecture_of(file);
  if (!found) return found.error();
  const Architecture& architecture = **found;
  KeyReader keys(file, architecture.name);
  ModelParams params;
  params.architecture = architecture.name;
  params.features = architecture.features;
  if (architecture.biases_by_file) read_biases(file, params.features);
  if (file.tensors().empty()) keys.refuse("has no tensors: a vocabulary, not a model");
  if (keys.ok()) refuse_unknown_steps(keys);
  if (keys.ok()) read_numbers(keys, architecture, params);
  if (keys.ok()) read_vocabulary(keys, file, params);
  if (keys.ok()) read_rope_divisors(keys, file, context_max, params);
  if (keys.ok()) check_rope_angles(keys, params);
  if (keys.ok()) check_tensors(keys, file, params);
  if (!keys.ok()) return std::move(*keys.error());
  return params;
}

int exact_positions_max(const ModelParams& params) {
  if (params.features.positions == Positions::learned) return params.context;
  double positions = kRopeAngleMax * params.rope_linear_scale * smallest_divisor(params);
  if (params.window > 0 && params.local_rope_base > 0) {
    positions = std::min(positions, kRopeAngleMax);
  }
  return positions < std::numeric_limits<int>::max() ? static_cast<int>(positions)
                                                     : std::numeric_limits<int>::max();
}

std::uint64_t kv_page_bytes(const ModelParams& params, int layers) {
  const std::uint64_t layer_halves = layer_page_halves(params.kv_heads, params.head_dim);
  return static_cast<std::uint64_t>(layers) * layer_halves * sizeof(std::uint16_t);
}

}  // namespace pecia::kernels
