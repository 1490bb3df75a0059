#pragma once
// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019) with clipping of the
// gradient's norm. Decay acts on matrices, not on norms. Every float operation is named, the powers
// of the betas are running products in double, so a step has one set of bits.

#include <cstdint>
#include <span>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/float_array.hpp"
#include "kernels/training/parameters.hpp"

namespace pecia::kernels {

struct AdamwOptions {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  double weight_decay = 0.1;
  double clip_norm = 1.0;  // 0: never clipped
};

// What the optimiser remembers between steps.
struct AdamwState {
  FloatArray weights;
  FloatArray first_moment;
  FloatArray second_moment;
  double beta1_power = 1;  // beta^steps
  double beta2_power = 1;

  explicit AdamwState(std::size_t floats)
      : weights(floats), first_moment(floats), second_moment(floats) {}
};

// One step along `gradient`, the sum of weighted losses' gradients, which is divided by
// `loss_weight` first. Returns the norm of the divided gradient, before clipping; where that is not
// finite, nothing has changed.
double adamw_step(ThreadPool& pool, const KernelTable& kernels, const ParameterTable& table,
                  const AdamwOptions& options, double rate, std::span<const float> gradient,
                  double loss_weight, AdamwState& state);

}  // namespace pecia::kernels
