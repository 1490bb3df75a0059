#pragma once
// What a coordinator counts: one event a row of PROTOCOL.md's table, and the branches within.

#include <cstdint>
#include <string_view>

#include "actors/counts.hpp"

namespace pecia::actors {

enum class CoordinatorEvent : std::uint8_t {
  resumed,  // started over a journal that holds jobs
  submit_opened,
  submit_known,
  submit_conflict,
  submit_refused_storage,
  submit_refused_jobs_max,
  planned,
  unplannable,
  ordered,
  ordered_alone,
  hedged,
  offer_not_open,
  offer_gap,
  offer_diverged,
  offer_appended,
  offer_repeated,
  offer_held_back,  // too much is pending
  durable,
  journal_full,
  journal_broken,
  deposed_by_journal,
  deposed_by_worker,
  adopted,
  not_adopted,
  closed_ended,
  closed_lost,
  closed_stalled,
  closed_diverged,
  closed_drained,
  closed_cancelled,
  worker_lost,
  worker_silent,
  worker_reborn,
  ghost_ignored,
  loop_stood_still,
  crash_counted,
  poisoned,
  broke_elsewhere,
  broke_content,
  cancelled,
  cancel_came_late,  // the job was closing already
  deadline,
  job_done,
  count_,
};
std::string_view name_of(CoordinatorEvent event);

}  // namespace pecia::actors
