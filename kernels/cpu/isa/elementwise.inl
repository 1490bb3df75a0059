#pragma once
// Elementwise kernels, RMSNorm and RoPE over Vec, written once: each instruction set's file
// includes its vec_*.hpp, then this. NUMERICS section 1 fixes every step; exp takes the same steps
// as kernels/base/exp32.hpp, which names its source.

#include <cstddef>
#include <cstdint>

namespace pecia::kernels {
namespace {

inline Vec exp(Vec x) {
  const Vec bounded = min(set1(88.0f), x);  // in this order NaN stays NaN
  const Vec round = set1(12582912.0f);  // 1.5 * 2^23: adding it leaves an integer in the low bits
  const Vec t = fma(bounded, set1(1.44269504088896341f), round);
  const Vec n = sub(t, round);
  Vec r = fma(n, set1(-0.693359375f), bounded);
  r = fma(n, set1(2.12194440e-4f), r);
  Vec q = set1(1.9875691500e-4f);
  q = fma(q, r, set1(1.3981999507e-3f));
  q = fma(q, r, set1(8.3334519073e-3f));
  q = fma(q, r, set1(4.1665795894e-2f));
  q = fma(q, r, set1(1.6666665459e-1f));
  q = fma(q, r, set1(5.0000001201e-1f));
  const Vec y = add(fma(q, mul(r, r), r), set1(1.0f));
  const Vec power = vec_of_bits(shift_left<23>(add(bits_of(t), set1_int(127))));
  return select(less(x, set1(-87.0f)), zero(), mul(y, power));
}

// -- entries of the kernel table; n is a multiple of 16 -------------------------------------------

static void elementwise_add(float* x, const float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store(x + i, add(load(x + i), load(y + i)));
}

static void elementwise_swiglu(const float* gate, const float* up, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Vec g = load(gate + i);
    const Vec silu = div(g, add(set1(1.0f), exp(neg(g))));
    store(out + i, mul(silu, load(up + i)));
  }
}

// x / (1 + exp(-t)) with t = 2 sqrt(2/pi) (x + 0.044715 x^3): the tanh form, as
// (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)).
inline Vec gelu(Vec x) {
  const Vec cubic = fma(mul(x, x), set1(0.0713548162726f), set1(1.5957691216f));
  return div(x, add(set1(1.0f), exp(neg(mul(x, cubic)))));
}

static void elementwise_geglu(const float* gate, const float* up, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) {
    store(out + i, mul(gelu(load(gate + i)), load(up + i)));
  }
}

static void elementwise_gelu(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store(x + i, gelu(load(x + i)));
}

static void elementwise_exp(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store(x + i, exp(load(x + i)));
}

static void elementwise_to_half(const float* x, std::uint16_t* y, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store_half(y + i, load(x + i));
}

static void elementwise_from_half(const std::uint16_t* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store(y + i, load_half(x + i));
}

static void elementwise_from_bfloat(const std::uint16_t* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) store(y + i, load_bfloat(x + i));
}

// Column i of a row lies at x[i / 32 * stride + i % 32]; columns behind cols count as +0 and are
// written as +0.
static void row_rms_norm(const float* x, float* y, std::size_t stride, int cols,
                         const float* weight, float epsilon) {
  constexpr int kBlock = 32;
  const auto column = [stride](int i) {
    return static_cast<std::size_t>(i / kBlock) * stride + static_cast<std::size_t>(i % kBlock);
  };
  Vec squares = zero();  // lane l: elements l, l + 16, l + 32, ...
  for (int i = 0; i < cols; i += kLanes) {
    const Vec v = load_first(x + column(i), cols - i);
    squares = fma(v, v, squares);
  }
  const Vec mean = div(set1(tree_sum(squares)), set1(static_cast<float>(cols)));
  const Vec r = div(set1(1.0f), sqrt(add(mean, set1(epsilon))));
  for (int i = 0; i < cols; i += kLanes) {
    const Vec v = load_first(x + column(i), cols - i);
    store(y + column(i), mul(mul(v, r), load_first(weight + i, cols - i)));
  }
  const int last = cols % kBlock;
  if (last > 0 && last <= kLanes) store(y + column(cols - last + kLanes), zero());
}

// Columns as in row_rms_norm. The variance is the mean square of what is left once the mean is
// taken off; both sums run in sixteen lanes and the same tree.
static void row_layer_norm(const float* x, float* y, std::size_t stride, int cols,
                           const float* weight, const float* bias, float epsilon) {
  constexpr int kBlock = 32;
  const auto column = [stride](int i) {
    return static_cast<std::size_t>(i / kBlock) * stride + static_cast<std::size_t>(i % kBlock);
  };
  const Vec n = set1(static_cast<float>(cols));
  Vec sums = zero();
  for (int i = 0; i < cols; i += kLanes) sums = add(sums, load_first(x + column(i), cols - i));
  const Vec mean = div(set1(tree_sum(sums)), n);
  const auto centred = [&](int i) {
    const Vec v = sub(load_first(x + column(i), cols - i), mean);
    return select(first_lanes(cols - i), v, zero());
  };
  Vec squares = zero();
  for (int i = 0; i < cols; i += kLanes) {
    const Vec v = centred(i);
    squares = fma(v, v, squares);
  }
  const Vec variance = div(set1(tree_sum(squares)), n);
  const Vec r = div(set1(1.0f), sqrt(add(variance, set1(epsilon))));
  for (int i = 0; i < cols; i += kLanes) {
    const Vec w = load_first(weight + i, cols - i);
    const Vec b = load_first(bias + i, cols - i);
    store(y + column(i), fma(mul(centred(i), r), w, b));
  }
  const int last = cols % kBlock;
  if (last > 0 && last <= kLanes) store(y + column(cols - last + kLanes), zero());
}

static void block_add_bias(float* x, const float* bias, int rows) {
  constexpr int kBlock = 32;
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    const Vec b = load(bias + lane);
    float* at = x + lane;
    for (int row = 0; row < rows; ++row, at += kBlock) store(at, add(load(at), b));
  }
}

static void head_rope(float* x0, float* x1, const float* cosines, const float* sines, int half) {
  for (int i = 0; i < half; i += kLanes) {
    const int n = half - i;
    const Vec a = load_first(x0 + i, n);
    const Vec b = load_first(x1 + i, n);
    const Vec c = load_first(cosines + i, n);
    const Vec s = load_first(sines + i, n);
    store_first(x0 + i, n, fma(a, c, neg(mul(b, s))));
    store_first(x1 + i, n, fma(a, s, mul(b, c)));
  }
}

}  // namespace
}  // namespace pecia::kernels
