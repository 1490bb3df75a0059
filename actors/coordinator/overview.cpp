#include "actors/coordinator/overview.hpp"

#include <algorithm>

#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

JobRow row_of(CoordinatorCore& core, const JobId& id) {
  const Job& job = *core.book().find(id);
  JobRow row{id, core.state_of(id), job.opened.unix_ms, 0, job.steps.size(), job.steps_ended};
  for (const auto& [path, step] : job.steps) row.tokens += step.durable;
  return row;
}

NodeRow row_of(const CoordinatorCore& core, const Worker& worker, std::uint64_t mono_ms) {
  return {worker.node, static_cast<int>(worker.capacity),
          static_cast<int>(core.attempts().count_at(worker.node)), worker.draining,
          mono_ms - std::min(mono_ms, worker.heard_ms)};
}

}  // namespace

Overviewed overview_of(CoordinatorCore& core, std::uint64_t from, std::uint64_t mono_ms) {
  const std::vector<JobId>& jobs = core.book().order();
  Overviewed overview{from, jobs.size(), {}, {}, core.term()};
  for (std::uint64_t i = from; i < jobs.size() && overview.jobs.size() < kJobRowsMax; ++i)
    overview.jobs.push_back(row_of(core, jobs[i]));
  for (const auto& [name, worker] : core.workers().all()) {
    if (overview.nodes.size() == kNodeRowsMax) break;
    overview.nodes.push_back(row_of(core, worker, mono_ms));
  }
  return overview;
}

}  // namespace pecia::actors
