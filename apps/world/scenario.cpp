#include "apps/world/scenario.hpp"

#include <algorithm>
#include <array>

namespace pecia::world {

namespace {

constexpr std::uint64_t kFaultsEndMs = 4'000;
constexpr std::uint64_t kFaultsMax = 7;

JobPlan draw_job(Chance& chance) {
  JobPlan job;
  job.shape = static_cast<PlanShape>(chance.below(3));
  job.steps = static_cast<int>(chance.between(1, 6));
  job.tokens_max = static_cast<int>(chance.between(1, 60));
  const auto some_step = [&] {
    return static_cast<int>(chance.between(1, static_cast<std::uint64_t>(job.steps)));
  };
  if (chance.percent(4)) job.poison_step = some_step();
  if (chance.percent(3)) job.broken_step = some_step();
  job.unplannable = chance.percent(2);
  if (chance.percent(15)) job.cancel_at_ms = chance.between(50, kFaultsEndMs);
  if (chance.percent(50)) job.submit_at_ms = chance.below(kFaultsEndMs / 2);
  return job;
}

// The numbers jitter, so that no rule holds by the default alone.
runtime::ProtocolLimits draw_limits(Chance& chance) {
  runtime::ProtocolLimits limits;
  limits.window_tokens = chance.between(2, 24);
  limits.adopt_ms = chance.between(300, 1'500);
  limits.hedge_percent = chance.percent(50) ? 50 : 0;
  if (chance.percent(50)) limits.stall_ms = chance.between(400, 2'000);
  if (chance.percent(30)) limits.orphan_ms = chance.between(700, 2'000);
  if (chance.percent(6)) limits.job_deadline_ms = chance.between(500, 5'000);
  if (chance.percent(10)) limits.pending_tokens_max = chance.between(4, 40);
  if (chance.percent(5)) limits.jobs_max = 1;
  return limits;
}

}  // namespace

std::string_view name_of(Fault fault) {
  constexpr std::array<std::string_view, kFaultKinds> kNames = {
      "kill_worker",       "kill_all_workers",
      "kill_coordinator",  "second_coordinator",
      "kill_several",      "pause_worker",
      "pause_coordinator", "partition_one_way",
      "partition_full",    "storm",
      "disk_full",         "disk_broken",
      "disk_slow",         "power_loss",
      "clock_jump",        "starve_worker",
      "drain_worker",      "engine_fails",
      "engine_hangs"};
  return kNames[static_cast<std::size_t>(fault)];
}

Scenario draw_scenario(Chance& chance) {
  Scenario scenario;
  scenario.limits = draw_limits(chance);
  scenario.workers = static_cast<int>(chance.between(1, 4));
  scenario.slots = static_cast<int>(chance.between(1, 4));
  scenario.token_ms = chance.between(5, 40);
  const std::uint64_t jobs = chance.between(1, 3);
  for (std::uint64_t j = 0; j < jobs; ++j) scenario.jobs.push_back(draw_job(chance));
  scenario.faults_end_ms = kFaultsEndMs;
  for (std::uint64_t f = chance.below(kFaultsMax + 1); f > 0; --f) {
    scenario.faults.push_back(
        {chance.between(20, kFaultsEndMs - 1), static_cast<Fault>(chance.below(kFaultKinds))});
  }
  if (chance.percent(60)) {
    scenario.loss_per_mille = chance.below(60);
    scenario.double_per_mille = chance.below(40);
    scenario.delay_per_mille = chance.below(100);
  }
  if (chance.percent(30)) scenario.crash_per_mille = chance.between(1, 4);
  scenario.slow_reader = chance.percent(20);
  return scenario;
}

}  // namespace pecia::world
