#include "apps/world/simulate.hpp"

namespace pecia::world {

const std::vector<std::string_view>& wanted_coverage() {
  static const std::vector<std::string_view> wanted = {"resumed",
                                                       "submit_opened",
                                                       "submit_known",
                                                       "submit_refused_storage",
                                                       "submit_refused_jobs_max",
                                                       "planned",
                                                       "unplannable",
                                                       "ordered",
                                                       "ordered_alone",
                                                       "hedged",
                                                       "offer_not_open",
                                                       "offer_gap",
                                                       "offer_appended",
                                                       "offer_repeated",
                                                       "offer_held_back",
                                                       "durable",
                                                       "journal_full",
                                                       "journal_broken",
                                                       "deposed_by_journal",
                                                       "deposed_by_worker",
                                                       "adopted",
                                                       "not_adopted",
                                                       "closed_ended",
                                                       "closed_lost",
                                                       "closed_stalled",
                                                       "closed_drained",
                                                       "closed_cancelled",
                                                       "worker_lost",
                                                       "worker_silent",
                                                       "worker_reborn",
                                                       "ghost_ignored",
                                                       "loop_stood_still",
                                                       "crash_counted",
                                                       "poisoned",
                                                       "broke_elsewhere",
                                                       "broke_content",
                                                       "cancelled",
                                                       "cancel_came_late",
                                                       "deadline",
                                                       "job_done",
                                                       "stale_term",
                                                       "order_repeated",
                                                       "order_refused",
                                                       "taken_over",
                                                       "filled",
                                                       "went_back",
                                                       "drained",
                                                       "orphaned",
                                                       "drain_with_open_attempts",
                                                       "unsynced_records_lost",
                                                       "crash_between_effects"};
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
      if (!simulation.first) simulation.first = Failure{seed, *outcome.violation};
    }
    if (after_each && !after_each(simulation)) break;
  }
  return simulation;
}

std::string tell_schedule(std::uint64_t seed, bool impure) {
  return World(seed, impure, true).run().log;
}

}  // namespace pecia::world
