#include "tests/unit/reference/reference_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "kernels/weights/half.hpp"
#include "tests/unit/cpu/plain_weights.hpp"

namespace pecia::kernels::testing {
namespace {

double through_half(double value) {
  const float clamped = std::clamp(static_cast<float>(value), -65504.0f, 65504.0f);
  return half_to_float(float_to_half(clamped));
}

double exact_amax(const std::vector<double>& x, std::size_t begin) {
  double amax = 0;
  for (std::size_t i = begin; i < begin + 32; ++i) amax = std::max(amax, std::fabs(x[i]));
  return amax;
}

// What the int8 quantiser of NUMERICS section 1 leaves of a row; lowers `nearest_tie`.
std::vector<double> through_int8(const std::vector<double>& x, double& nearest_tie) {
  std::vector<double> out(x.size());
  for (std::size_t begin = 0; begin < x.size(); begin += 32) {
    float amax = 0;
    for (std::size_t i = begin; i < begin + 32; ++i) {
      amax = std::max(amax, std::fabs(static_cast<float>(x[i])));
    }
    if (amax < 0x1p-80f) continue;
    const float d = amax / 127, inverse = 127 / amax;
    for (std::size_t i = begin; i < begin + 32; ++i) {
      const double scaled = x[i] * 127 / exact_amax(x, begin);
      nearest_tie = std::min(nearest_tie, std::fabs(scaled - std::floor(scaled) - 0.5));
      out[i] = static_cast<double>(std::nearbyint(static_cast<float>(x[i]) * inverse)) * d;
    }
  }
  return out;
}

}  // namespace

ReferenceModel::ReferenceModel(const ModelFile& file) : file_(file), is_(read_definition(file)) {
  embedding_ = matrix("token_embd");
  if (is_.is_gpt2()) positions_ = matrix("position_embd");
  head_ = matrix(file.tensor("output.weight") == nullptr ? "token_embd" : "output");
  output_norm_ = norm("output_norm");
  for (int l = 0; l < is_.layers; ++l) layers_.push_back(layer(l));
}

ReferenceModel::Layer ReferenceModel::layer(int index) const {
  const std::string blk = "blk." + std::to_string(index) + ".";
  const int query = is_.heads * is_.head_dim, key = is_.kv_heads * is_.head_dim;
  Layer out;
  out.attention_norm = norm(blk + "attn_norm");
  if (is_.is_gpt2() || is_.is_phi()) {
    out.q = matrix(blk + "attn_qkv", 0, query);
    out.k = matrix(blk + "attn_qkv", query, key);
    out.v = matrix(blk + "attn_qkv", query + key, key);
  } else {
    out.q = matrix(blk + "attn_q");
    out.k = matrix(blk + "attn_k");
    out.v = matrix(blk + "attn_v");
  }
  out.q_norm = vector(blk + "attn_q_norm.weight");
  out.k_norm = vector(blk + "attn_k_norm.weight");
  out.o = matrix(blk + "attn_output");
  out.attention_post_norm = norm(blk + "post_attention_norm");
  out.ffn_norm = norm(blk + "ffn_norm");
  if (is_.is_phi()) {
    out.gate = matrix(blk + "ffn_up", 0, is_.ffn_width);
    out.up = matrix(blk + "ffn_up", is_.ffn_width, is_.ffn_width);
  } else {
    if (!is_.is_gpt2()) out.gate = matrix(blk + "ffn_gate");
    out.up = matrix(blk + "ffn_up");
  }
  out.down = matrix(blk + "ffn_down");
  out.ffn_post_norm = norm(blk + "post_ffw_norm");
  return out;
}

ReferenceModel::Matrix ReferenceModel::matrix(const std::string& name, int first, int count) const {
  const Tensor& tensor = *file_.tensor(name + ".weight");
  const int rows = count > 0 ? count : static_cast<int>(tensor.rows());
  const Vector bias = vector(name + ".bias");
  Matrix out;
  out.quantised = traits_of(tensor.type)->block_elements > 1;
  for (int r = first; r < first + rows; ++r) {
    Vector values(tensor.cols());
    const std::byte* const bytes = tensor.bytes.data() + r * tensor.row_bytes();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = plain_value(tensor.type, bytes, i);
    out.rows.push_back(std::move(values));
    if (!bias.empty()) out.bias.push_back(bias[static_cast<std::size_t>(r)]);
  }
  return out;
}

ReferenceModel::Vector ReferenceModel::vector(const std::string& name) const {
  const Tensor* tensor = file_.tensor(name);
  Vector out;
  for (std::size_t k = 0; tensor != nullptr && k < tensor->cols(); ++k) {
    out.push_back(plain_value(tensor->type, tensor->bytes.data(), k));
  }
  return out;
}

ReferenceModel::Norm ReferenceModel::norm(const std::string& name) const {
  return {vector(name + ".weight"), vector(name + ".bias")};
}

ReferenceModel::Vector ReferenceModel::product(const Matrix& weights, const Vector& x,
                                               const ReferenceRules& rules) const {
  const Vector in =
      weights.quantised && rules.quantise_activations ? through_int8(x, nearest_tie_) : x;
  Vector out;
  for (const Vector& row : weights.rows) {
    double sum = 0;
    for (std::size_t k = 0; k < in.size(); ++k) sum += row[k] * in[k];
    out.push_back(weights.bias.empty() ? sum : sum + weights.bias[out.size()]);
  }
  return out;
}

ReferenceModel::Vector ReferenceModel::rms_normed(const Vector& x, const Vector& weight) const {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double r = 1 / std::sqrt(squares / static_cast<double>(x.size()) + is_.epsilon);
  Vector out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * r * weight[i];
  return out;
}

// LayerNorm for gpt2, RMS norm for all others.
ReferenceModel::Vector ReferenceModel::normalised(const Vector& x, const Norm& norm) const {
  if (!is_.is_gpt2()) return rms_normed(x, norm.weight);
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / n;
  for (const double value : x) variance += (value - mean) * (value - mean) / n;
  Vector out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    out[i] = (x[i] - mean) / std::sqrt(variance + is_.epsilon) * norm.weight[i] + norm.bias[i];
  }
  return out;
}

void ReferenceModel::norm_heads(Vector& heads, const Vector& weight) const {
  if (weight.empty()) return;
  for (std::size_t first = 0; first < heads.size(); first += weight.size()) {
    const auto begin = heads.begin() + static_cast<std::ptrdiff_t>(first);
    const Vector head(begin, begin + static_cast<std::ptrdiff_t>(weight.size()));
    std::ranges::copy(rms_normed(head, weight), begin);
  }
}

// Rotates each pair of the turning part of each head: neighbours in a llama file, elements half the
// part apart in the others.
void ReferenceModel::rotate(Vector& heads, int layer, int position) const {
  const int d = is_.rotated;
  const bool local = is_.is_gemma() && is_.is_local(layer);
  for (std::size_t head = 0; d > 0 && head < heads.size(); head += is_.head_dim) {
    for (int i = 0; i < d / 2; ++i) {
      double frequency = std::pow(local ? is_.local_base : is_.base, -2.0 * i / d);
      if (!local) frequency /= is_.linear_scale;
      if (!is_.divisors.empty()) frequency /= is_.divisors[i];
      const double c = std::cos(position * frequency) * is_.magnitude;
      const double s = std::sin(position * frequency) * is_.magnitude;
      double& a = heads[head + (is_.pairs_are_adjacent() ? 2 * i : i)];
      double& b = heads[head + (is_.pairs_are_adjacent() ? 2 * i + 1 : i + d / 2)];
      const double rotated = a * c - b * s;
      b = a * s + b * c;
      a = rotated;
    }
  }
}

ReferenceModel::Vector ReferenceModel::attended(int layer, const Vector& q,
                                                const Cache& cache) const {
  const int d = is_.head_dim, group = is_.heads / is_.kv_heads;
  const int keys = static_cast<int>(cache.keys.size());
  const int first = is_.is_local(layer) ? std::max(0, keys - is_.window) : 0;
  Vector out(q.size());
  for (int head = 0; head < is_.heads; ++head) {
    const int kv = head / group * d;
    Vector weights;
    for (int j = first; j < keys; ++j) {
      double score = 0;
      for (int i = 0; i < d; ++i) score += q[head * d + i] * cache.keys[j][kv + i];
      weights.push_back(score / is_.query_divisor);
    }
    const double top = *std::max_element(weights.begin(), weights.end());
    double total = 0;
    for (double& weight : weights) total += weight = std::exp(weight - top);
    for (int j = first; j < keys; ++j) {
      const double share = weights[j - first] / total;
      for (int i = 0; i < d; ++i) out[head * d + i] += share * cache.values[j][kv + i];
    }
  }
  return out;
}

void ReferenceModel::attention_block(int layer, int position, Vector& x, Cache& cache,
                                     const ReferenceRules& rules) const {
  const Layer& w = layers_[layer];
  const Vector h = normalised(x, w.attention_norm);
  Vector q = product(w.q, h, rules), k = product(w.k, h, rules), v = product(w.v, h, rules);
  norm_heads(q, w.q_norm);
  norm_heads(k, w.k_norm);
  rotate(q, layer, position);
  rotate(k, layer, position);
  for (std::size_t i = 0; i < k.size(); ++i) {
    const int head = static_cast<int>(i) / is_.head_dim;
    const int dimension = static_cast<int>(i) % is_.head_dim;
    if (rules.stored) {
      k[i] = (*rules.stored)(KvPart::key, layer, position, head, dimension);
      v[i] = (*rules.stored)(KvPart::value, layer, position, head, dimension);
    } else if (rules.round_kv) {
      k[i] = through_half(k[i]);
      v[i] = through_half(v[i]);
    }
  }
  cache.keys.push_back(k);
  cache.values.push_back(v);
  Vector out = product(w.o, attended(layer, q, cache), rules);
  if (is_.is_gemma()) out = normalised(out, w.attention_post_norm);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += out[i];
}

// silu, or gelu in its tanh form for gemma and gpt2.
double ReferenceModel::activated(double x) const {
  if (!is_.is_gemma() && !is_.is_gpt2()) return x / (1 + std::exp(-x));
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

void ReferenceModel::ffn_block(int layer, Vector& x, const ReferenceRules& rules) const {
  const Layer& w = layers_[layer];
  const Vector h = normalised(x, w.ffn_norm);
  Vector inner = product(w.up, h, rules);
  if (is_.is_gpt2()) {
    for (double& value : inner) value = activated(value);
  } else {
    const Vector gate = product(w.gate, h, rules);
    for (std::size_t i = 0; i < inner.size(); ++i) inner[i] *= activated(gate[i]);
  }
  Vector out = product(w.down, inner, rules);
  if (is_.is_gemma()) out = normalised(out, w.ffn_post_norm);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += out[i];
}

ReferenceModel::Vector ReferenceModel::embedded(int token, int position) const {
  Vector x = embedding_.rows[token];
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (is_.is_gemma()) x[i] *= std::sqrt(is_.width);
    if (is_.is_gpt2()) x[i] += positions_.rows[position][i];
  }
  return x;
}

std::vector<ReferenceModel::Position> ReferenceModel::evaluate(std::span<const int> tokens,
                                                               const ReferenceRules& rules) const {
  std::vector<Cache> caches(layers_.size());
  std::vector<Position> out;
  for (std::size_t position = 0; position < tokens.size(); ++position) {
    nearest_tie_ = 0.5;
    Vector x = embedded(tokens[position], static_cast<int>(position));
    for (int layer = 0; layer < is_.layers; ++layer) {
      attention_block(layer, static_cast<int>(position), x, caches[layer], rules);
      ffn_block(layer, x, rules);
    }
    Vector logits = product(head_, normalised(x, output_norm_), rules);
    out.push_back({std::move(logits), nearest_tie_});
  }
  return out;
}

}  // namespace pecia::kernels::testing
