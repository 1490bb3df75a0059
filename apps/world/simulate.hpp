#pragma once
// Schedules by the thousand: how many seeds, what they met, and which went wrong.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "apps/world/world.hpp"

namespace pecia::world {

struct Failure {
  std::uint64_t seed = 0;
  Violation violation;
};

inline constexpr std::size_t kFailuresKept = 20;

struct Simulation {
  std::uint64_t seeds = 0;
  std::uint64_t violations = 0;  // of safety
  std::uint64_t hangs = 0;       // open jobs long after everything healed
  std::map<std::string, std::uint64_t, std::less<>> coverage;  // seeds that met a situation
  std::vector<Failure> failures;                               // the first kFailuresKept

  bool clean() const { return violations == 0 && hangs == 0; }
};

// Every situation that a good part of the seeds has to meet (PROTOCOL.md's table, and the faults).
std::vector<std::string_view> wanted_coverage();

// Seeds [first, end). `after_each` may stop it by answering false.
Simulation simulate(std::uint64_t first, std::uint64_t end, bool impure,
                    const std::function<bool(const Simulation&)>& after_each);

// The command that shows the failure again.
std::string reproduce(const Failure& failure, bool impure);

// One schedule again, told line by line.
std::string tell_schedule(std::uint64_t seed, bool impure);

}  // namespace pecia::world
