#include "apps/world/simulate.hpp"

#include <fmt/format.h>

namespace pecia::world {

using actors::CoordinatorEvent;
using actors::WorkerEvent;

namespace {

// A pure model never diverges, and no client of the world gives its job another spec.
bool is_wanted(CoordinatorEvent event) {
  return event != CoordinatorEvent::submit_conflict && event != CoordinatorEvent::offer_diverged &&
         event != CoordinatorEvent::closed_diverged;
}

}  // namespace

std::vector<std::string_view> wanted_coverage() {
  std::vector<std::string_view> wanted = {"drain_with_open_attempts", "unsynced_records_lost",
                                          "crash_between_effects"};
  for (std::size_t e = 0; e < actors::Counts<CoordinatorEvent>::kEvents; ++e) {
    const auto event = static_cast<CoordinatorEvent>(e);
    if (is_wanted(event)) wanted.push_back(name_of(event));
  }
  for (std::size_t e = 0; e < actors::Counts<WorkerEvent>::kEvents; ++e)
    wanted.push_back(name_of(static_cast<WorkerEvent>(e)));
  return wanted;
}

Simulation simulate(std::uint64_t first, std::uint64_t end, bool impure,
                    const std::function<bool(const Simulation&)>& after_each) {
  Simulation simulation;
  for (std::uint64_t seed = first; seed < end; ++seed) {
    const Outcome outcome = World(seed, impure, false).run();
    ++simulation.seeds;
    for (const auto& [situation, times] : outcome.coverage.times())
      ++simulation.coverage[situation];
    if (outcome.violation) {
      ++(outcome.violation->invariant == "I7" ? simulation.hangs : simulation.violations);
      if (simulation.failures.size() < kFailuresKept)
        simulation.failures.push_back({seed, *outcome.violation});
    }
    if (after_each && !after_each(simulation)) break;
  }
  return simulation;
}

std::string reproduce(const Failure& failure, bool impure) {
  return fmt::format("pecia chaos sim --seeds {}..{}{}", failure.seed, failure.seed + 1,
                     impure ? " --impure" : "");
}

std::string tell_schedule(std::uint64_t seed, bool impure) {
  return World(seed, impure, true).run().log;
}

}  // namespace pecia::world
