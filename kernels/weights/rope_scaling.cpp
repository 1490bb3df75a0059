#include "kernels/weights/rope_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/base/double_math.hpp"

namespace pecia::kernels {

std::vector<float> llama3_rope_divisors(const Llama3Rope& rope) {
  const double passage = rope.high_freq_factor - rope.low_freq_factor;
  std::vector<float> divisors;
  for (int i = 0; i < rope.dimensions; i += 2) {
    const double wave =
        2 * std::numbers::pi * double_math::pow(rope.base, double(i) / rope.dimensions);
    const double waves = rope.trained_context / wave;
    const double smooth = std::clamp((waves - rope.low_freq_factor) / passage, 0.0, 1.0);
    divisors.push_back(static_cast<float>(1 / ((1 - smooth) / rope.factor + smooth)));
  }
  return divisors;
}

double longrope_magnitude(double context, double trained_context) {
  const double longer = context / trained_context;
  if (longer <= 1) return 1;
  return std::sqrt(1 + double_math::log(longer) / double_math::log(trained_context));
}

}  // namespace pecia::kernels
