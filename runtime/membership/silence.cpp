#include "runtime/membership/silence.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::runtime {

void OwnTicks::tick(std::uint64_t now_ms) {
  const std::uint64_t before_ms = last_ms_.value_or(now_ms);
  last_ms_ = now_ms;
  const bool was_awake = now_ms >= before_ms && now_ms - before_ms <= tick_late_ms_;
  if (was_awake) {
    awake_ms_ += now_ms - before_ms;
  } else {
    woke_ms_ = awake_ms_;
  }
}

bool is_silent(const OwnTicks& ticks, std::uint64_t heard_ms, const SilenceLimits& limits) {
  assert(limits.tick_late_ms < limits.silent_ms);
  assert(heard_ms <= ticks.awake_ms());
  const std::uint64_t watched_from_ms = std::max(heard_ms, ticks.woke_ms());
  return ticks.awake_ms() - watched_from_ms >= limits.silent_ms;
}

}  // namespace pecia::runtime
