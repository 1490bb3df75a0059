#include "actors/coordinator/coordinator_events.hpp"

namespace pecia::actors {

std::string_view name_of(CoordinatorEvent event) {
  constexpr std::array<std::string_view, Counts<CoordinatorEvent>::kEvents> kNames = {
      "resumed",
      "submit_opened",
      "submit_known",
      "submit_conflict",
      "submit_refused_storage",
      "submit_refused_jobs_max",
      "planned",
      "unplannable",
      "ordered",
      "ordered_alone",
      "hedged",
      "offer_not_open",
      "offer_gap",
      "offer_diverged",
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
      "closed_diverged",
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
      "job_done"};
  return kNames[static_cast<std::size_t>(event)];
}

}  // namespace pecia::actors
