#pragma once
// What a supervisor looks after, as data. Thread rule: values.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/supervision/restart_policy.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kChildrenMax = 1'024;
inline constexpr std::size_t kChildIdBytesMax = 64;
inline constexpr int kIntensityMax = 1'000;
inline constexpr std::uint64_t kRestartPeriodMsMax = 86'400'000;
inline constexpr std::uint64_t kShutdownMsMax = 600'000;
inline constexpr std::uint64_t kBackoffMsMax = 600'000;

struct ChildSpec {
  std::string id;  // for people; one of a kind within its supervisor
  RestartType restart = RestartType::permanent;
  // From being asked to stop to being killed; 0 kills at once. Long lets a worker hand over what it
  // has, short lets its group come back sooner. A supervisor needs the sum of its own children's.
  std::uint64_t shutdown_ms = 5'000;
  Backoff backoff;
};

struct SupervisorSpec {
  std::string name;
  RestartStrategy strategy = RestartStrategy::one_for_one;
  RestartLimit limit;
  std::vector<ChildSpec> children;  // in the order of their start
};

// Refuses the first field that is wrong, in one line that names supervisor, child and field.
kernels::Status check_spec(const SupervisorSpec& spec);

}  // namespace pecia::runtime
