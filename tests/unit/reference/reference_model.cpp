#include "tests/unit/reference/reference_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

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

ReferenceModel::ReferenceModel(const Gguf& file)
    : file_(file), params_(read_model_params(file).value()) {
  embedding_ = matrix("token_embd.weight");
  head_ = params_.tied_embeddings ? embedding_ : matrix("output.weight");
  output_norm_ = vector("output_norm.weight");
  for (int l = 0; l < params_.layers; ++l) {
    const std::string prefix = "blk." + std::to_string(l) + ".";
    layers_.push_back({vector(prefix + "attn_norm.weight"), vector(prefix + "ffn_norm.weight"),
                       matrix(prefix + "attn_q.weight"), matrix(prefix + "attn_k.weight"),
                       matrix(prefix + "attn_v.weight"), matrix(prefix + "attn_output.weight"),
                       matrix(prefix + "ffn_gate.weight"), matrix(prefix + "ffn_up.weight"),
                       matrix(prefix + "ffn_down.weight")});
  }
}

ReferenceModel::Matrix ReferenceModel::matrix(const std::string& name) const {
  const Tensor& tensor = *file_.tensor(name);
  Matrix out;
  out.quantised = traits_of(tensor.type)->block_elements > 1;
  for (std::uint64_t row = 0; row < tensor.rows(); ++row) {
    Vector values(tensor.cols());
    const std::byte* const bytes = tensor.bytes.data() + row * tensor.row_bytes();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = plain_value(tensor.type, bytes, i);
    out.rows.push_back(std::move(values));
  }
  return out;
}

ReferenceModel::Vector ReferenceModel::vector(const std::string& name) const {
  return matrix(name).rows.front();
}

ReferenceModel::Vector ReferenceModel::product(const Matrix& weights, const Vector& x,
                                               const ReferenceRules& rules) const {
  const Vector in =
      weights.quantised && rules.quantise_activations ? through_int8(x, nearest_tie_) : x;
  Vector out;
  for (const Vector& row : weights.rows) {
    double sum = 0;
    for (std::size_t k = 0; k < in.size(); ++k) sum += row[k] * in[k];
    out.push_back(sum);
  }
  return out;
}

ReferenceModel::Vector ReferenceModel::normalised(const Vector& x, const Vector& weight) const {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double r = 1 / std::sqrt(squares / static_cast<double>(x.size()) + params_.norm_epsilon);
  Vector out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * r * weight[i];
  return out;
}

// Rotates each adjacent pair (2i, 2i + 1) of each head.
void ReferenceModel::rotate(Vector& heads, int position) const {
  const int d = params_.head_dim;
  for (std::size_t first = 0; first < heads.size(); first += d) {
    for (int i = 0; i < d / 2; ++i) {
      double frequency = std::pow(params_.rope_base, -2.0 * i / d);
      if (!params_.rope_frequency_divisor.empty()) frequency /= params_.rope_frequency_divisor[i];
      const double angle = position / params_.rope_linear_scale * frequency;
      double& a = heads[first + 2 * i];
      double& b = heads[first + 2 * i + 1];
      const double rotated = a * std::cos(angle) - b * std::sin(angle);
      b = a * std::sin(angle) + b * std::cos(angle);
      a = rotated;
    }
  }
}

ReferenceModel::Vector ReferenceModel::attended(const Vector& q, const Cache& cache) const {
  const int d = params_.head_dim, group = params_.heads / params_.kv_heads;
  Vector out(q.size());
  for (int head = 0; head < params_.heads; ++head) {
    const int kv = head / group * d;
    Vector weights;
    for (const Vector& key : cache.keys) {
      double score = 0;
      for (int i = 0; i < d; ++i) score += q[head * d + i] * key[kv + i];
      weights.push_back(score / std::sqrt(d));
    }
    const double top = *std::max_element(weights.begin(), weights.end());
    double total = 0;
    for (double& weight : weights) total += weight = std::exp(weight - top);
    for (std::size_t j = 0; j < weights.size(); ++j) {
      for (int i = 0; i < d; ++i) out[head * d + i] += weights[j] / total * cache.values[j][kv + i];
    }
  }
  return out;
}

void ReferenceModel::attention_block(int layer, int position, Vector& x, Cache& cache,
                                     const ReferenceRules& rules) const {
  const Layer& w = layers_[layer];
  const Vector h = normalised(x, w.attention_norm);
  Vector q = product(w.q, h, rules), k = product(w.k, h, rules), v = product(w.v, h, rules);
  rotate(q, position);
  rotate(k, position);
  for (std::size_t i = 0; i < k.size(); ++i) {
    const int head = static_cast<int>(i) / params_.head_dim;
    const int dimension = static_cast<int>(i) % params_.head_dim;
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
  const Vector out = product(w.o, attended(q, cache), rules);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += out[i];
}

void ReferenceModel::ffn_block(int layer, Vector& x, const ReferenceRules& rules) const {
  const Layer& w = layers_[layer];
  const Vector h = normalised(x, w.ffn_norm);
  Vector gate = product(w.gate, h, rules);
  const Vector up = product(w.up, h, rules);
  for (std::size_t i = 0; i < gate.size(); ++i) gate[i] *= up[i] / (1 + std::exp(-gate[i]));
  const Vector out = product(w.down, gate, rules);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += out[i];
}

std::vector<ReferenceModel::Position> ReferenceModel::evaluate(std::span<const int> tokens,
                                                               const ReferenceRules& rules) const {
  std::vector<Cache> caches(layers_.size());
  std::vector<Position> out;
  for (std::size_t position = 0; position < tokens.size(); ++position) {
    nearest_tie_ = 0.5;
    Vector x = embedding_.rows[tokens[position]];
    for (int layer = 0; layer < params_.layers; ++layer) {
      attention_block(layer, static_cast<int>(position), x, caches[layer], rules);
      ffn_block(layer, x, rules);
    }
    Vector logits = product(head_, normalised(x, output_norm_), rules);
    out.push_back({std::move(logits), nearest_tie_});
  }
  return out;
}

}  // namespace pecia::kernels::testing
