#include "kernels/training/adamw.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "kernels/base/float_mode.hpp"
#include "kernels/cpu/over_floats.hpp"
#include "kernels/training/ordered_sums.hpp"

namespace pecia::kernels {
namespace {

// As torch.nn.utils.clip_grad_norm_ has it: a norm of 0 is no division by 0.
constexpr double kClipEpsilon = 1e-6;

struct Piece {
  std::size_t first;
  std::size_t floats;
  bool decays;
};

std::vector<Piece> pieces_of(const ParameterTable& table) {
  std::vector<Piece> pieces;
  for (const ParameterSpec& spec : table.entries()) {
    for (std::size_t done = 0; done < spec.floats(); done += kPieceFloats) {
      pieces.push_back(
          {spec.offset + done, std::min(kPieceFloats, spec.floats() - done), spec.is_matrix});
    }
  }
  return pieces;
}

AdamwStep step_of(const AdamwOptions& options, double rate, double gradient_scale,
                  const AdamwState& state) {
  AdamwStep step{};
  step.gradient_scale = static_cast<float>(gradient_scale);
  step.beta1 = static_cast<float>(options.beta1);
  step.beta1_rest = static_cast<float>(1 - options.beta1);
  step.beta2 = static_cast<float>(options.beta2);
  step.beta2_rest = static_cast<float>(1 - options.beta2);
  step.rate = static_cast<float>(rate / (1 - state.beta1_power));
  step.second_correction = static_cast<float>(std::sqrt(1 - state.beta2_power));
  step.epsilon = static_cast<float>(options.epsilon);
  return step;
}

}  // namespace

double adamw_step(ThreadPool& pool, const KernelTable& kernels, const ParameterTable& table,
                  const AdamwOptions& options, double rate, std::span<const float> gradient,
                  double loss_weight, AdamwState& state) {
  assert(gradient.size() == table.floats() && state.weights.size() == table.floats());
  const FloatModeGuard mode;
  const double norm = std::sqrt(ordered_square_sum(pool, kernels, gradient)) / loss_weight;
  if (!std::isfinite(norm)) return norm;
  double scale = 1 / loss_weight;
  if (options.clip_norm > 0 && norm > options.clip_norm) {
    scale *= options.clip_norm / (norm + kClipEpsilon);
  }
  state.beta1_power *= options.beta1;
  state.beta2_power *= options.beta2;
  const AdamwStep step = step_of(options, rate, scale, state);
  const auto kept = static_cast<float>(1 - rate * options.weight_decay);
  const std::vector<Piece> pieces = pieces_of(table);
  pool.run(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t index, int) {
    const Piece& piece = pieces[static_cast<std::size_t>(index)];
    AdamwStep own = step;
    own.keep = piece.decays ? kept : 1.0f;
    kernels.training.adamw(own, gradient.data() + piece.first, state.weights.data() + piece.first,
                           state.first_moment.data() + piece.first,
                           state.second_moment.data() + piece.first, piece.floats);
  });
  return norm;
}

}  // namespace pecia::kernels
