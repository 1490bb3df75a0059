#include "runtime/supervision/restart_policy.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace pecia::runtime {

bool does_restart(RestartType type, ChildExit exit) {
  const bool abnormal = exit == ChildExit::abnormal;
  switch (type) {                 //                     normal  abnormal
    case RestartType::permanent:  //       yes      yes
      return true;
    case RestartType::transient:  //       no       yes
      return abnormal;
    case RestartType::temporary:  //       no       no
      return false;
  }
  assert(false);
  return false;
}

ChildRange restart_group(RestartStrategy strategy, std::size_t child, std::size_t children) {
  assert(child < children);
  switch (strategy) {
    case RestartStrategy::one_for_one:
      return {child, child + 1};
    case RestartStrategy::one_for_all:
      return {0, children};
    case RestartStrategy::rest_for_one:
      return {child, children};
  }
  assert(false);
  return {};
}

RestartStamps add_restart(RestartStamps stamps, std::uint64_t now_ms, std::uint64_t period_ms) {
  std::erase_if(stamps, [&](std::uint64_t stamp) { return stamp + period_ms <= now_ms; });
  stamps.insert(stamps.begin(), now_ms);
  return stamps;
}

bool is_within(const RestartStamps& stamps, const RestartLimit& limit) {
  assert(limit.intensity >= 0);
  return stamps.size() <= static_cast<std::size_t>(limit.intensity);
}

std::uint64_t backoff_ms(const Backoff& backoff, int restarts) {
  assert(restarts >= 0 && backoff.first_ms <= backoff.max_ms);
  constexpr int kBits = std::numeric_limits<std::uint64_t>::digits;
  // Compared before the shift, which might lose bits.
  if (restarts >= kBits || backoff.first_ms > backoff.max_ms >> restarts) return backoff.max_ms;
  return backoff.first_ms << restarts;
}

}  // namespace pecia::runtime
