#pragma once
// Softmax over rows of a tile, for attention and for the loss, written once over Vec. The walk goes
// block by block over all rows, so that memory is read as it lies; a row's sum is kept in sixteen
// lanes, columns i mod 16 ascending, and ends in a tree.

#include "kernels/cpu/isa/training_ops.inl"

namespace pecia::kernels {
namespace {

// visit(offset of a Vec in floats, row, valid lanes: may be <= 0 or >= 16).
template <class Visit>
[[gnu::always_inline]] inline void over_tile(const SoftmaxTile& tile, const Visit& visit) {
  for (int b = 0; b < tile.blocks; ++b) {
    std::size_t at = b * tile.block_stride;
    for (int row = 0; row < tile.rows; ++row) {
      const int valid = tile.valid_first + row * tile.valid_step - b * kBlockCols;
      for (int lane = 0; lane < kBlockCols; lane += kLanes, at += kLanes) {
        visit(at, row, valid - lane);
      }
    }
  }
}

[[gnu::always_inline]] inline Vec load_valid(const float* x, int valid) {
  const Vec v = load(x);
  return valid >= kLanes ? v : select(first_lanes(valid), v, set1(-__builtin_inff()));
}

static void training_softmax_exp(const SoftmaxTile& tile, float* m, float* l) {
  float* const x = tile.x;
  Vec lanes[kSoftmaxRowsMax];
  for (int row = 0; row < tile.rows; ++row) lanes[row] = set1(-__builtin_inff());
  over_tile(tile, [&](std::size_t at, int row, int valid) {
    lanes[row] = max(lanes[row], load_valid(x + at, valid));
  });
  for (int row = 0; row < tile.rows; ++row) {
    m[row] = tree_max(lanes[row]);
    lanes[row] = zero();
  }
  over_tile(tile, [&](std::size_t at, int row, int valid) {
    const Vec e = exp(sub(load_valid(x + at, valid), set1(m[row])));
    store(x + at, e);
    lanes[row] = add(lanes[row], e);
  });
  for (int row = 0; row < tile.rows; ++row) l[row] = tree_sum(lanes[row]);
}

static void training_softmax_again(const SoftmaxTile& tile, const float* m, const float* inverse) {
  float* const x = tile.x;
  over_tile(tile, [&](std::size_t at, int row, int valid) {
    const Vec e = exp(sub(load_valid(x + at, valid), set1(m[row])));
    store(x + at, mul(e, set1(inverse[row])));
  });
}

static void training_scale_rows(const SoftmaxTile& tile, const float* scale) {
  float* const x = tile.x;
  over_tile(tile, [&](std::size_t at, int row, int) {
    store(x + at, mul(load(x + at), set1(scale[row])));
  });
}

static void training_softmax_backward(const SoftmaxTile& p, float* gradient, const float* dots) {
  over_tile(p, [&](std::size_t at, int row, int) {
    const Vec centred = sub(load(gradient + at), set1(dots[row]));
    store(gradient + at, mul(load(p.x + at), centred));
  });
}

static void training_row_dots(const SoftmaxTile& a, const float* b, float* dots) {
  Vec lanes[kSoftmaxRowsMax];
  for (int row = 0; row < a.rows; ++row) lanes[row] = zero();
  over_tile(a, [&](std::size_t at, int row, int) {
    lanes[row] = fma(load(a.x + at), load(b + at), lanes[row]);
  });
  for (int row = 0; row < a.rows; ++row) dots[row] = tree_sum(lanes[row]);
}

constexpr TrainingKernels kTrainingKernels = {
    .multiply_rows = training_product<AlongRows>,
    .multiply_columns = training_product<AlongColumns>,
    .transpose_block = transpose_block,
    .swiglu_backward = training_swiglu_backward,
    .rms_norm_backward = training_norm_backward,
    .norm_weight_gradient = training_norm_weight_gradient,
    .rotate = training_rotate,
    .softmax_exp = training_softmax_exp,
    .softmax_again = training_softmax_again,
    .scale_rows = training_scale_rows,
    .softmax_backward = training_softmax_backward,
    .row_dots = training_row_dots,
    .sum = training_sum,
    .square_sum = training_square_sum,
    .adamw = training_adamw,
};

}  // namespace
}  // namespace pecia::kernels
