#include <algorithm>
#include <cassert>

#include "kernels/base/double_math.hpp"
#include "kernels/base/float_mode.hpp"
#include "kernels/base/model_limits.hpp"
#include "kernels/cpu/ops.hpp"

namespace pecia::kernels {

RopeTable::RopeTable(int dims, double base, double linear_scale, std::span<const float> divisors,
                     double magnitude)
    : half_(dims / 2), magnitude_(magnitude), frequency_(static_cast<std::size_t>(dims / 2)) {
  assert(dims >= 0 && dims % 2 == 0 && base >= 1 && linear_scale > 0);
  assert(divisors.empty() || divisors.size() == frequency_.size());
  const FloatModeGuard mode;
  const double log_base = double_math::log(base);
  for (int i = 0; i < half_; ++i) {
    const double exponent = -2.0 * i / dims;
    const double divisor = divisors.empty() ? 1.0 : static_cast<double>(divisors[i]);
    frequency_[i] = double_math::exp(exponent * log_base) / (linear_scale * divisor);
  }
}

void RopeTable::extend(int count) {
  if (count <= count_ || half_ == 0) return;
  assert(count * *std::ranges::max_element(frequency_) <= kRopeAngleMax);
  const FloatModeGuard mode;
  const std::size_t half = frequency_.size();
  cos_.resize(count * half);
  sin_.resize(count * half);
  for (std::size_t i = count_ * half; i < count * half; ++i) {
    const std::size_t position = i / half;
    const auto angle = double_math::sin_cos(static_cast<double>(position) * frequency_[i % half]);
    cos_[i] = static_cast<float>(angle.cos * magnitude_);
    sin_[i] = static_cast<float>(angle.sin * magnitude_);
  }
  count_ = count;
}

}  // namespace pecia::kernels
