#pragma once
// The inner loops of training, filled once for each instruction set beside those of the engine. All
// work on blocks of Rows (rows.hpp): 32 columns side by side, rows 32 floats apart, so that each
// matrix serves without repacking as either side of a product.

#include <cstddef>

namespace pecia::kernels {

constexpr int kProductDepth = 128;   // inner steps of one partial chain: part of the contract
constexpr int kSoftmaxRowsMax = 64;  // rows of one call of the softmax entries
constexpr int kSumChunk = 4096;      // floats of one partial sum of a loss or a norm

// out[m][j] = chain over k of a(m, k) * b[k][j], k ascending from +0, for 32 columns j: one chunk.
struct ProductTile {
  int rows;        // m
  int depth;       // k, 1..kProductDepth
  bool add;        // out = add(out, chain); else out = chain
  const float* a;  // multiply_rows: a(m, k) = a[k / 32 * a_block_stride + m * 32 + k % 32]
                   // multiply_columns: a(m, k) = a[k * 32 + m], rows <= 32
  std::size_t a_block_stride;
  const float* b;  // (depth, 32)
  float* out;      // (rows, 32)
};

// Rows of a matrix given as `blocks` runs of 32 columns. Row r counts its first
// valid_first + r * valid_step columns (>= 1); the others are written as +0.
struct SoftmaxTile {
  float* x;                  // block b, row r at x + b * block_stride + r * 32
  std::size_t block_stride;  // floats
  int rows;                  // 1..kSoftmaxRowsMax
  int blocks;
  int valid_first;
  int valid_step;  // 0, or 1 for causal attention
};

// Rows of a matrix that stay in place: block b, row r at b * stride + r * 32 floats.
struct NormRows {
  const float* x;
  std::size_t stride;
  int rows;
  int cols;             // a multiple of 32
  const float* weight;  // (cols)
  float epsilon;
};

// Pairs (x0, x1) of 16 columns turned by an angle: `inverse` turns back.
struct Rotation {
  float* x0;  // row r at r * 32
  float* x1;
  int rows;
  const float* cosines;  // row r at r * table_stride
  const float* sines;
  std::size_t table_stride;
  float scale;  // of both results (forward) or both inputs (inverse)
  bool inverse;
};

struct AdamwStep {
  float gradient_scale;     // clipping and the division by the sum of loss weights
  float beta1, beta1_rest;  // b, 1 - b
  float beta2, beta2_rest;
  float rate;               // lr / (1 - beta1^t)
  float second_correction;  // sqrt(1 - beta2^t)
  float epsilon;
  float keep;  // 1 - lr * weight decay
};

struct TrainingKernels {
  // -- matrix products
  void (*multiply_rows)(const ProductTile& tile);
  void (*multiply_columns)(const ProductTile& tile);
  void (*transpose_block)(const float* x, float* y);  // both (32, 32)

  // -- between the products; n is a multiple of 16
  // gate and up become their gradients.
  void (*swiglu_backward)(float* gate, float* up, const float* gradient, std::size_t n);
  // gradient_x += the norm's backward of gradient_y; inverse_rms (rows) is written.
  void (*rms_norm_backward)(const NormRows& rows, const float* gradient_y, float* gradient_x,
                            float* inverse_rms);
  // One block of 32 columns, at most kProductDepth rows: out (32) = or += chain over rows.
  void (*norm_weight_gradient)(const float* x, const float* gradient_y, const float* inverse_rms,
                               int rows, bool add, float* out);
  void (*rotate)(const Rotation& rotation);

  // -- softmax
  // x = exp(x - m), with m and l (rows): the maximum and the sum of exp of a row's valid columns.
  void (*softmax_exp)(const SoftmaxTile& tile, float* m, float* l);
  // x = exp(x - m) * inverse, from kept m and 1 / l.
  void (*softmax_again)(const SoftmaxTile& tile, const float* m, const float* inverse);
  void (*scale_rows)(const SoftmaxTile& tile, const float* scale);  // whole blocks: x *= scale[row]
  // gradient = p * (gradient - dots[row]), whole blocks of the shape of `p`.
  void (*softmax_backward)(const SoftmaxTile& p, float* gradient, const float* dots);
  // dots[r] = sum over whole blocks of a * b.
  void (*row_dots)(const SoftmaxTile& a, const float* b, float* dots);

  // -- sums of at most kSumChunk floats, sixteen lanes and a tree; any n
  float (*sum)(const float* x, std::size_t n);
  float (*square_sum)(const float* x, std::size_t n);

  // -- optimiser, n a multiple of 16: w, m and v are updated
  void (*adamw)(const AdamwStep& step, const float* gradient, float* w, float* m, float* v,
                std::size_t n);
};

}  // namespace pecia::kernels
