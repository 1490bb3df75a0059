#include "kernels/weights/hf_weights.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "kernels/weights/bfloat.hpp"
#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/half.hpp"
#include "kernels/weights/hf_tensors.hpp"

namespace pecia::kernels {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kTransposedSide = 32;  // elements of a square that stays in the cache

std::optional<TensorType> weight_type(std::string_view dtype) {
  if (dtype == "F32") return TensorType::f32;
  if (dtype == "F16") return TensorType::f16;
  if (dtype == "BF16") return TensorType::bf16;
  return std::nullopt;
}

// Element `index`, exactly.
float widened(const Tensor& tensor, std::uint64_t index) {
  if (tensor.type == TensorType::f32) {
    float value = 0;
    std::memcpy(&value, tensor.bytes.data() + index * sizeof value, sizeof value);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, tensor.bytes.data() + index * sizeof bits, sizeof bits);
  if (tensor.type == TensorType::f16) return half_to_float(bits);
  return bfloat_to_float(bits);
}

// A vector in F32, in GGUF's order of rows, with `added` to each.
Bytes widened_vector(const Tensor& tensor, float added) {
  std::vector<float> values(tensor.cols());
  for (std::uint64_t i = 0; i < values.size(); ++i) values[i] = widened(tensor, i) + added;
  Bytes bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// A vector whose elements belong to the rows of a halved matrix.
void interleave(Bytes& bytes, std::uint64_t head) {
  Tensor rows;
  rows.shape = {1, bytes.size() / sizeof(float)};
  rows.bytes = bytes;
  rows.halved_rows = static_cast<std::uint32_t>(head);
  Bytes ordered;
  for (std::uint64_t row = 0; row < rows.rows(); ++row) {
    ordered.insert(ordered.end(), rows.row(row).begin(), rows.row(row).end());
  }
  bytes = std::move(ordered);
}

template <class Element>
void transpose(std::span<const std::byte> from, std::uint64_t rows, std::uint64_t cols, Bytes& to) {
  for (std::uint64_t top = 0; top < rows; top += kTransposedSide) {
    for (std::uint64_t left = 0; left < cols; left += kTransposedSide) {
      for (std::uint64_t row = top; row < std::min(rows, top + kTransposedSide); ++row) {
        for (std::uint64_t col = left; col < std::min(cols, left + kTransposedSide); ++col) {
          std::memcpy(&to[(col * rows + row) * sizeof(Element)],
                      &from[(row * cols + col) * sizeof(Element)], sizeof(Element));
        }
      }
    }
  }
}

// Keeps `bytes` for as long as the model is open.
std::span<const std::byte> keep(ModelContent& content, Bytes bytes) {
  return content.made.emplace_back(std::move(bytes));
}

void transpose(Tensor& tensor, ModelContent& content) {
  if (content.facts_only) return std::swap(tensor.shape[0], tensor.shape[1]);
  Bytes turned(tensor.bytes.size());
  if (tensor.type == TensorType::f32) {
    transpose<std::uint32_t>(tensor.bytes, tensor.shape[1], tensor.shape[0], turned);
  } else {
    transpose<std::uint16_t>(tensor.bytes, tensor.shape[1], tensor.shape[0], turned);
  }
  std::swap(tensor.shape[0], tensor.shape[1]);
  tensor.bytes = keep(content, std::move(turned));
}

std::uint64_t halved_entries(const Tensor& tensor) { return tensor.shape.back(); }

// Gives the tensor the form that its name has in GGUF.
Status change(Tensor& tensor, HfChange how, const HfConfig& config, const std::string& what,
              ModelContent& content) {
  const bool is_vector = tensor.shape.size() == 1;
  if (how == HfChange::transpose) {
    if (tensor.shape.size() != 2) return fail(ErrorKind::refuse, "{}: is no matrix", what);
    return transpose(tensor, content), Status{};
  }
  if (how == HfChange::halves && halved_entries(tensor) % config.head_dim != 0) {
    return fail(ErrorKind::refuse, "{}: {} rows are no whole number of heads of {}", what,
                halved_entries(tensor), config.head_dim);
  }
  if (how == HfChange::halves && !is_vector) {
    tensor.halved_rows = static_cast<std::uint32_t>(config.head_dim);
  }
  const bool as_it_is = how == HfChange::none && tensor.type == TensorType::f32;
  if (!is_vector || as_it_is) return {};
  Bytes values = widened_vector(tensor, how == HfChange::plus_one ? 1.0f : 0.0f);
  if (how == HfChange::halves) interleave(values, config.head_dim);
  tensor.type = TensorType::f32;
  tensor.bytes = keep(content, std::move(values));
  return {};
}

}  // namespace

Status add_hf_tensor(const StoredTensor& stored, const HfConfig& config, const std::string& file,
                     ModelContent& content) {
  const std::string what = fmt::format("{}: tensor '{}'", file, quoted(stored.name));
  const auto place = hf_place(config.architecture, stored.name);
  if (!place) {
    return fail(ErrorKind::refuse, "{} has no place in a {} model", what, config.architecture);
  }
  if (place->name.empty()) return {};
  // A model that says so computes with one matrix, whatever else lies in its files.
  if (config.tied_embeddings && place->name == "output.weight") return {};
  const auto type = weight_type(stored.dtype);
  if (!type) {
    return fail(ErrorKind::refuse, "{} is {}, which is not supported; F32, F16 and BF16 are", what,
                stored.dtype);
  }
  if (stored.shape.empty() || stored.shape.size() > kGgufDimensionsMax || stored.bytes.empty()) {
    return fail(ErrorKind::refuse, "{} has shape [{}], expected 1 to {} entries above 0", what,
                fmt::join(stored.shape, ", "), kGgufDimensionsMax);
  }
  Tensor tensor;
  tensor.name = content.names.emplace_back(place->name);
  tensor.type = *type;
  tensor.shape.assign(stored.shape.rbegin(), stored.shape.rend());
  tensor.bytes = stored.bytes;
  if (Status changed = change(tensor, place->change, config, what, content); !changed) {
    return changed;
  }
  content.tensors.push_back(std::move(tensor));
  return {};
}

void add_hf_divisors(const HfConfig& config, ModelContent& content) {
  for (const auto& [name, divisors] :
       {std::pair{"rope_freqs.weight", &config.rope_divisors},
        std::pair{"rope_factors_long.weight", &config.rope_long_divisors},
        std::pair{"rope_factors_short.weight", &config.rope_short_divisors}}) {
    if (divisors->empty()) continue;
    Bytes bytes(divisors->size() * sizeof(float));
    std::memcpy(bytes.data(), divisors->data(), bytes.size());
    Tensor tensor;
    tensor.name = name;
    tensor.shape = {divisors->size()};
    tensor.bytes = keep(content, std::move(bytes));
    content.tensors.push_back(std::move(tensor));
  }
}

}  // namespace pecia::kernels
