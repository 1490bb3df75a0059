#pragma once
// What training computes between the matrix products, written once over Vec.

#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/training_product.inl"
#include "kernels/cpu/training_kernels.hpp"

namespace pecia::kernels {
namespace {

constexpr int kVecsOfBlock = kBlockCols / kLanes;

// -- SwiGLU ---------------------------------------------------------------------------------------

// With s = 1 / (1 + exp(-g)): d silu = s * (1 + g * (1 - s)).
static void training_swiglu_backward(float* gate, float* up, const float* gradient, std::size_t n) {
  const Vec one = set1(1.0f);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Vec g = load(gate + i);
    const Vec u = load(up + i);
    const Vec d = load(gradient + i);
    const Vec s = div(one, add(one, exp(neg(g))));
    const Vec slope = mul(s, fma(g, sub(one, s), one));
    store(up + i, mul(d, mul(g, s)));
    store(gate + i, mul(mul(d, u), slope));
  }
}

// -- RMSNorm --------------------------------------------------------------------------------------

// With g = w dy and r = 1 / rms(x): dx = r (g - x r^2 mean(g x)).
static void norm_row_backward(const NormRows& rows, const float* x, const float* dy, float* dx,
                              float* inverse_rms) {
  Vec squares = zero();
  Vec products = zero();
  const int blocks = rows.cols / kBlockCols;
  for (int b = 0; b < blocks; ++b) {
    for (int lane = 0; lane < kBlockCols; lane += kLanes) {
      const std::size_t at = b * rows.stride + static_cast<std::size_t>(lane);
      const Vec v = load(x + at);
      const Vec g = mul(load(dy + at), load(rows.weight + b * kBlockCols + lane));
      squares = fma(v, v, squares);
      products = fma(g, v, products);
    }
  }
  const Vec n = set1(static_cast<float>(rows.cols));
  const Vec mean = div(set1(tree_sum(squares)), n);
  const Vec r = div(set1(1.0f), sqrt(add(mean, set1(rows.epsilon))));
  const Vec pull = neg(mul(mul(r, r), div(set1(tree_sum(products)), n)));
  store_first(inverse_rms, 1, r);
  for (int b = 0; b < blocks; ++b) {
    for (int lane = 0; lane < kBlockCols; lane += kLanes) {
      const std::size_t at = b * rows.stride + static_cast<std::size_t>(lane);
      const Vec g = mul(load(dy + at), load(rows.weight + b * kBlockCols + lane));
      store(dx + at, add(load(dx + at), mul(r, fma(load(x + at), pull, g))));
    }
  }
}

static void training_norm_backward(const NormRows& rows, const float* gradient_y, float* gradient_x,
                                   float* inverse_rms) {
  for (int row = 0; row < rows.rows; ++row) {
    const int at = row * kBlockCols;
    norm_row_backward(rows, rows.x + at, gradient_y + at, gradient_x + at, inverse_rms + row);
  }
}

static void training_norm_weight_gradient(const float* x, const float* gradient_y,
                                          const float* inverse_rms, int rows, bool add_to,
                                          float* out) {
  Vec chain[kVecsOfBlock];
#pragma GCC unroll 2
  for (int v = 0; v < kVecsOfBlock; ++v) chain[v] = zero();
  for (int row = 0; row < rows; ++row) {
    const Vec r = set1(inverse_rms[row]);
#pragma GCC unroll 2
    for (int v = 0; v < kVecsOfBlock; ++v) {
      const int at = row * kBlockCols + v * kLanes;
      chain[v] = fma(load(gradient_y + at), mul(load(x + at), r), chain[v]);
    }
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVecsOfBlock; ++v) {
    float* const target = out + v * kLanes;
    store(target, add_to ? add(load(target), chain[v]) : chain[v]);
  }
}

// -- rotary positions -----------------------------------------------------------------------------

static void training_rotate(const Rotation& turn) {
  const Vec scale = set1(turn.scale);
  for (int row = 0; row < turn.rows; ++row) {
    float* const x0 = turn.x0 + row * kBlockCols;
    float* const x1 = turn.x1 + row * kBlockCols;
    const Vec c = load(turn.cosines + static_cast<std::size_t>(row) * turn.table_stride);
    const Vec table_s = load(turn.sines + static_cast<std::size_t>(row) * turn.table_stride);
    const Vec s = turn.inverse ? neg(table_s) : table_s;
    const Vec a = load(x0);
    const Vec b = load(x1);
    store(x0, mul(fma(a, c, neg(mul(b, s))), scale));
    store(x1, mul(fma(a, s, mul(b, c)), scale));
  }
}

// -- optimiser and sums ---------------------------------------------------------------------------

static void training_adamw(const AdamwStep& step, const float* gradient, float* w, float* m,
                           float* v, std::size_t n) {
  const Vec scale = set1(step.gradient_scale);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Vec g = mul(load(gradient + i), scale);
    const Vec first = fma(set1(step.beta1), load(m + i), mul(set1(step.beta1_rest), g));
    const Vec second = fma(set1(step.beta2), load(v + i), mul(mul(set1(step.beta2_rest), g), g));
    const Vec spread = add(div(sqrt(second), set1(step.second_correction)), set1(step.epsilon));
    const Vec kept = mul(load(w + i), set1(step.keep));
    store(m + i, first);
    store(v + i, second);
    store(w + i, fma(set1(-step.rate), div(first, spread), kept));
  }
}

static float training_sum(const float* x, std::size_t n) {
  Vec lanes = zero();
  for (std::size_t i = 0; i < n; i += kLanes) {
    lanes = add(lanes, load_first(x + i, static_cast<int>(n - i)));
  }
  return tree_sum(lanes);
}

static float training_square_sum(const float* x, std::size_t n) {
  Vec lanes = zero();
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Vec v = load_first(x + i, static_cast<int>(n - i));
    lanes = fma(v, v, lanes);
  }
  return tree_sum(lanes);
}

}  // namespace
}  // namespace pecia::kernels
