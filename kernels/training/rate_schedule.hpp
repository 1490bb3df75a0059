#pragma once
// The learning rate of each step: a straight warm-up, then half a cosine down to a floor.

#include <cstdint>

namespace pecia::kernels {

struct RateSchedule {
  double peak = 3e-3;
  double floor = 3e-4;               // from the last step on
  std::uint64_t warmup_steps = 100;  // step i of them has peak * (i + 1) / warmup_steps
  std::uint64_t steps = 1'000;       // of the whole run, warm-up included
};

// A pure function with the same bits on every machine; step counts from 0.
double rate_at(const RateSchedule& schedule, std::uint64_t step);

}  // namespace pecia::kernels
