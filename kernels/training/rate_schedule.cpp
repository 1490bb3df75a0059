#include "kernels/training/rate_schedule.hpp"

#include <numbers>

#include "kernels/base/double_math.hpp"

namespace pecia::kernels {

double rate_at(const RateSchedule& schedule, std::uint64_t step) {
  if (step < schedule.warmup_steps) {
    const auto part = static_cast<double>(step + 1) / static_cast<double>(schedule.warmup_steps);
    return schedule.peak * part;
  }
  if (step >= schedule.steps) return schedule.floor;
  const auto done = static_cast<double>(step - schedule.warmup_steps);
  const auto all = static_cast<double>(schedule.steps - schedule.warmup_steps);
  const double cosine = double_math::sin_cos(std::numbers::pi * (done / all)).cos;
  return schedule.floor + (schedule.peak - schedule.floor) * (0.5 * (1.0 + cosine));
}

}  // namespace pecia::kernels
