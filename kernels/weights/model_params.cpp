#include "kernels/weights/model_params.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_set>

#include "kernels/base/model_limits.hpp"
#include "kernels/weights/gguf_content.hpp"
#include "kernels/weights/llama_tensors.hpp"

namespace pecia::kernels {
namespace {

// Far above any model, and low enough that no product of two of them overflows.
constexpr int kLayersMax = 4'096;
constexpr int kWidthMax = 1 << 20;
constexpr int kHeadsMax = 4'096;
constexpr int kFfnWidthMax = 1 << 22;
constexpr int kVocabularyMax = 1 << 24;
constexpr int kContextMax = 1 << 30;
constexpr double kNumberMax = 1e12;  // of a rope base, a scale, an epsilon

// Reads keys one after the other; the first fault stands in error() and later values do not count.
class KeyReader {
 public:
  explicit KeyReader(const Gguf& file) : file_(file) {}

  std::optional<Error>& error() { return error_; }
  bool ok() const { return !error_; }

  template <class... Args>
  void refuse(fmt::format_string<Args...> text, Args&&... args) {
    if (error_) return;
    error_ = fail(ErrorKind::refuse, "{}: {}", file_.path(),
                  fmt::format(text, std::forward<Args>(args)...));
  }

  // A whole number from 1 to `max`, or `fallback` where the key is absent and a fallback is given.
  int whole(const char* key, int max, std::optional<int> fallback = {}) {
    const std::optional<std::uint64_t> value = keep(file_.find_unsigned(key));
    if (!value) return absent(key, fallback);
    if (*value < 1 || *value > static_cast<std::uint64_t>(max)) {
      refuse("metadata '{}' is {}, expected 1 to {}", key, *value, max);
      return 1;
    }
    return static_cast<int>(*value);
  }

  // A number above 0.
  double positive(const char* key, std::optional<double> fallback = {}) {
    const std::optional<double> value = keep(file_.find_number(key));
    if (!value) return absent(key, fallback);
    if (!(*value > 0 && *value <= kNumberMax)) {
      refuse("metadata '{}' is {}, expected a number above 0, at most {}", key, *value, kNumberMax);
      return 1;
    }
    return *value;
  }

  std::string text(const char* key, std::optional<std::string> fallback = {}) {
    const std::optional<std::string_view> value = keep(file_.find_text(key));
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
    if (!fallback) refuse("metadata '{}' is missing", key);
    return fallback.value_or(T{1});
  }
  std::string absent(const char* key, std::optional<std::string> fallback) {
    if (!fallback) refuse("metadata '{}' is missing", key);
    return fallback.value_or("");
  }

  const Gguf& file_;
  std::optional<Error> error_;
};

// -- numbers --------------------------------------------------------------------------------------

void read_attention(KeyReader& keys, ModelParams& params) {
  params.heads = keys.whole("llama.attention.head_count", kHeadsMax);
  params.kv_heads = keys.whole("llama.attention.head_count_kv", kHeadsMax, params.heads);
  const int head_dim = std::max(params.width / params.heads, 1);
  params.head_dim = keys.whole("llama.attention.key_length", kHeadDimMax, head_dim);
  const int value_dim = keys.whole("llama.attention.value_length", kHeadDimMax, params.head_dim);
  const int rope_dim = keys.whole("llama.rope.dimension_count", kHeadDimMax, params.head_dim);
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
  if (rope_dim != params.head_dim) {
    keys.refuse("rotation of {} of {} head dimensions: only whole heads are supported", rope_dim,
                params.head_dim);
  }
}

void read_rope(KeyReader& keys, ModelParams& params) {
  params.rope_base = keys.positive("llama.rope.freq_base", 10'000.0);
  if (params.rope_base < 1) {
    keys.refuse("metadata 'llama.rope.freq_base' is {}, expected at least 1", params.rope_base);
  }
  const std::string scaling = keys.text("llama.rope.scaling.type", "linear");
  if (scaling == "linear") {
    const double old_key = keys.positive("llama.rope.scale_linear", 1.0);
    params.rope_linear_scale = keys.positive("llama.rope.scaling.factor", old_key);
  } else if (scaling != "none") {
    keys.refuse("rope scaling '{}' is not supported; none, linear and rope_freqs.weight are",
                quoted(scaling));
  }
}

void read_numbers(KeyReader& keys, ModelParams& params) {
  params.layers = keys.whole("llama.block_count", kLayersMax);
  params.width = keys.whole("llama.embedding_length", kWidthMax);
  params.ffn_width = keys.whole("llama.feed_forward_length", kFfnWidthMax);
  params.context = keys.whole("llama.context_length", kContextMax);
  const double epsilon = keys.positive("llama.attention.layer_norm_rms_epsilon");
  params.norm_epsilon = static_cast<float>(epsilon);
  read_attention(keys, params);
  read_rope(keys, params);
}

// -- tensors --------------------------------------------------------------------------------------

void read_vocabulary(KeyReader& keys, const Gguf& file, ModelParams& params) {
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

void read_rope_divisors(KeyReader& keys, const Gguf& file, ModelParams& params) {
  const Tensor* tensor = file.tensor(kRopeTensor);
  if (tensor == nullptr) return;
  const auto expected = static_cast<std::uint64_t>(params.head_dim / 2);
  if (tensor->type != TensorType::f32 || tensor->rows() != 1 || tensor->cols() != expected) {
    return keys.refuse("tensor '{}' must be {} F32 numbers", kRopeTensor, expected);
  }
  std::vector<float>& divisors = params.rope_frequency_divisor;
  divisors.resize(expected);
  std::memcpy(divisors.data(), tensor->bytes.data(), tensor->bytes.size());
  const auto usable = [](float divisor) { return std::isfinite(divisor) && divisor > 0; };
  if (!std::all_of(divisors.begin(), divisors.end(), usable)) {
    keys.refuse("tensor '{}' holds a number that is not finite or not above 0", kRopeTensor);
  }
}

double smallest_divisor(const ModelParams& params) {
  const std::vector<float>& divisors = params.rope_frequency_divisor;
  return divisors.empty() ? 1.0 : static_cast<double>(*std::ranges::min_element(divisors));
}

// A pair turns by at most 1 / (scale * divisor) a position, for the base is at least 1.
void check_rope_angles(KeyReader& keys, const ModelParams& params) {
  const double divisor = smallest_divisor(params);
  const double angle = params.context / (params.rope_linear_scale * divisor);
  if (angle <= kRopeAngleMax) return;
  keys.refuse(
      "a context of {} with rope scaling {} and smallest '{}' {} turns by {:.3g} radians, "
      "at most {:.3g} are exact",
      params.context, params.rope_linear_scale, kRopeTensor, divisor, angle, kRopeAngleMax);
}

void check_tensor(KeyReader& keys, const Gguf& file, const TensorSpec& spec) {
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

// A tensor beyond the specs (a bias, an expert) would change the text if it were ignored.
void check_tensors(KeyReader& keys, const Gguf& file, const ModelParams& params) {
  const std::vector<TensorSpec> specs = llama_tensors(params);
  std::unordered_set<std::string_view> known;
  for (const TensorSpec& spec : specs) {
    check_tensor(keys, file, spec);
    known.insert(spec.name);
  }
  for (const Tensor& tensor : file.tensors()) {
    if (known.contains(tensor.name)) continue;
    keys.refuse("tensor '{}' has no place in a llama model of {} layers", quoted(tensor.name),
                params.layers);
  }
}

}  // namespace

Expected<ModelParams> read_model_params(const Gguf& file) {
  KeyReader keys(file);
  ModelParams params;
  params.architecture = keys.text("general.architecture");
  if (params.architecture != "llama") {
    keys.refuse("architecture '{}' is not supported; llama is", quoted(params.architecture));
  }
  if (keys.ok() && file.tensors().empty()) {
    keys.refuse("has no tensors: a vocabulary, not a model");
  }
  const auto experts = keys.keep(file.find_unsigned("llama.expert_count"));
  if (experts.value_or(0) != 0) keys.refuse("mixtures of {} experts are not supported", *experts);
  if (keys.ok()) read_numbers(keys, params);
  if (keys.ok()) read_vocabulary(keys, file, params);
  if (keys.ok()) read_rope_divisors(keys, file, params);
  if (keys.ok()) check_rope_angles(keys, params);
  if (keys.ok()) check_tensors(keys, file, params);
  if (!keys.ok()) return std::move(*keys.error());
  return params;
}

int exact_positions_max(const ModelParams& params) {
  const double positions = kRopeAngleMax * params.rope_linear_scale * smallest_divisor(params);
  return positions < std::numeric_limits<int>::max() ? static_cast<int>(positions)
                                                     : std::numeric_limits<int>::max();
}

std::uint64_t kv_page_bytes(const ModelParams& params, int layers) {
  const std::uint64_t layer_halves = layer_page_halves(params.kv_heads, params.head_dim);
  return static_cast<std::uint64_t>(layers) * layer_halves * sizeof(std::uint16_t);
}

}  // namespace pecia::kernels
