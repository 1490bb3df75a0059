#include "tests/unit/training/double_reference.hpp"

#include <algorithm>
#include <cmath>

namespace pecia::kernels::testing {
namespace {

// A tensor of the flat array as a matrix.
Matrix tensor_of(const ParameterSpec& spec, const std::vector<double>& parameters) {
  Matrix matrix(spec.rows, spec.cols);
  for (int row = 0; row < spec.rows; ++row) {
    for (int col = 0; col < spec.cols; ++col) {
      const std::size_t block = static_cast<std::size_t>(col / 32) * spec.rows + row;
      matrix.at(row, col) = parameters[spec.offset + block * 32 + col % 32];
    }
  }
  return matrix;
}

Matrix sum(const Matrix& a, const Matrix& b) {
  Matrix out = a;
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += b.values[i];
  return out;
}

// Query `row` of one head against the keys of its sequence up to itself.
void attend_row(const Matrix& q, const Matrix& k, const Matrix& v, const AttentionShape& shape,
                int first, int row, int head, Matrix& out) {
  const int d = shape.head_dim;
  const int kv = head / (shape.heads / shape.kv_heads);
  std::vector<double> p;
  for (int key = first; key <= row; ++key) {
    double score = 0;
    for (int i = 0; i < d; ++i) score += q.at(row, head * d + i) * k.at(key, kv * d + i);
    p.push_back(score);
  }
  const double m = *std::max_element(p.begin(), p.end());
  double total = 0;
  for (double& value : p) total += value = std::exp(value - m);
  for (int i = 0; i < d; ++i) {
    double mean = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      mean += p[j] / total * v.at(first + static_cast<int>(j), kv * d + i);
    }
    out.at(row, head * d + i) = mean;
  }
}

}  // namespace

Matrix matrix_of(const Rows& rows) {
  Matrix matrix(rows.rows, rows.cols);
  for (int row = 0; row < rows.rows; ++row) {
    for (int col = 0; col < rows.cols; ++col) matrix.at(row, col) = rows.at(row, col);
  }
  return matrix;
}

Matrix reference_product(const Matrix& x, const Matrix& w) {
  Matrix out(x.rows, w.rows);
  for (int t = 0; t < x.rows; ++t) {
    for (int n = 0; n < w.rows; ++n) {
      double total = 0;
      for (int k = 0; k < x.cols; ++k) total += x.at(t, k) * w.at(n, k);
      out.at(t, n) = total;
    }
  }
  return out;
}

Matrix reference_norm(const Matrix& x, const std::vector<double>& weight, double epsilon) {
  Matrix out(x.rows, x.cols);
  for (int t = 0; t < x.rows; ++t) {
    double squares = 0;
    for (int i = 0; i < x.cols; ++i) squares += x.at(t, i) * x.at(t, i);
    const double r = 1 / std::sqrt(squares / x.cols + epsilon);
    for (int i = 0; i < x.cols; ++i) out.at(t, i) = x.at(t, i) * r * weight[i];
  }
  return out;
}

Matrix reference_rotation(const Matrix& x, std::span<const RowRange> sequences, int head_dim,
                          double base, double scale) {
  Matrix out(x.rows, x.cols);
  const int half = head_dim / 2;
  for (const RowRange& sequence : sequences) {
    for (int position = 0; position < sequence.rows; ++position) {
      const int row = sequence.first + position;
      for (int col = 0; col < x.cols; ++col) {
        const int in_head = col % head_dim;
        if (in_head >= half) continue;
        const double angle = position * std::pow(base, -2.0 * in_head / head_dim);
        const double a = x.at(row, col);
        const double b = x.at(row, col + half);
        out.at(row, col) = scale * (a * std::cos(angle) - b * std::sin(angle));
        out.at(row, col + half) = scale * (a * std::sin(angle) + b * std::cos(angle));
      }
    }
  }
  return out;
}

Matrix reference_attention(const Matrix& q, const Matrix& k, const Matrix& v,
                           std::span<const RowRange> sequences, const AttentionShape& shape) {
  Matrix out(q.rows, q.cols);
  for (const RowRange& sequence : sequences) {
    for (int row = sequence.first; row < sequence.first + sequence.rows; ++row) {
      for (int head = 0; head < shape.heads; ++head) {
        attend_row(q, k, v, shape, sequence.first, row, head, out);
      }
    }
  }
  return out;
}

Matrix reference_swiglu(const Matrix& gate, const Matrix& up) {
  Matrix out(gate.rows, gate.cols);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    out.values[i] = gate.values[i] / (1 + std::exp(-gate.values[i])) * up.values[i];
  }
  return out;
}

double reference_loss(const Matrix& logits, std::span<const TokenId> targets,
                      std::span<const float> weights) {
  double loss = 0;
  for (int t = 0; t < logits.rows; ++t) {
    double m = logits.at(t, 0);
    for (int i = 0; i < logits.cols; ++i) m = std::max(m, logits.at(t, i));
    double total = 0;
    for (int i = 0; i < logits.cols; ++i) total += std::exp(logits.at(t, i) - m);
    loss += weights[t] * (std::log(total) + m - logits.at(t, targets[t]));
  }
  return loss;
}

Matrix reference_logits(const ModelParams& shape, const ParameterTable& table,
                        const std::vector<double>& parameters, const PassInput& input) {
  std::size_t next = 0;
  const auto take = [&] { return tensor_of(table.entries()[next++], parameters); };
  const auto& sequences = input.rows.sequences;
  const AttentionShape attention{shape.heads, shape.kv_heads, shape.head_dim};
  const double epsilon = shape.norm_epsilon;
  const Matrix embedding = take();
  const Matrix output_norm = take();
  const Matrix head = shape.tied_embeddings ? embedding : take();
  Matrix x(input.rows.rows, shape.width);
  for (int t = 0; t < x.rows; ++t) {
    for (int i = 0; i < x.cols; ++i) x.at(t, i) = embedding.at(input.tokens[t], i);
  }
  for (int layer = 0; layer < shape.layers; ++layer) {
    const Matrix norm = reference_norm(x, take().values, epsilon);
    const Matrix q = reference_rotation(reference_product(norm, take()), sequences, shape.head_dim,
                                        shape.rope_base, 1 / std::sqrt(double(shape.head_dim)));
    const Matrix k = reference_rotation(reference_product(norm, take()), sequences, shape.head_dim,
                                        shape.rope_base, 1);
    const Matrix v = reference_product(norm, take());
    x = sum(x, reference_product(reference_attention(q, k, v, sequences, attention), take()));
    const Matrix ffn_norm = reference_norm(x, take().values, epsilon);
    const Matrix gate = reference_product(ffn_norm, take());
    const Matrix up = reference_product(ffn_norm, take());
    x = sum(x, reference_product(reference_swiglu(gate, up), take()));
  }
  return reference_product(reference_norm(x, output_norm.values, epsilon), head);
}

double reference_model_loss(const ModelParams& shape, const ParameterTable& table,
                            const std::vector<double>& parameters, const PassInput& input) {
  return reference_loss(reference_logits(shape, table, parameters, input), input.targets,
                        input.weights);
}

double slope_along(const Function& f, const std::vector<double>& x, const std::vector<double>& v) {
  constexpr double kStep = 1e-5;
  std::vector<double> there = x;
  std::vector<double> back = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    there[i] += kStep * v[i];
    back[i] -= kStep * v[i];
  }
  return (f(there) - f(back)) / (2 * kStep);
}

}  // namespace pecia::kernels::testing
