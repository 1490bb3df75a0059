#pragma once
// What a seed makes of a world: its machines, its jobs, and how much goes wrong. Drawn once, before
// anything runs.

#include <cstdint>
#include <string_view>
#include <vector>

#include "apps/world/chance.hpp"
#include "runtime/config/protocol_limits.hpp"

namespace pecia::world {

enum class PlanShape : std::uint8_t { parallel, chain, waves };

struct JobPlan {
  PlanShape shape = PlanShape::parallel;
  int steps = 1;
  int tokens_max = 1;              // of a step
  int poison_step = 0;             // kills whoever computes it; 0: none
  int broken_step = 0;             // its input fails everywhere; 0: none
  bool unplannable = false;        // the slicer refuses the spec
  std::uint64_t cancel_at_ms = 0;  // 0: never
  std::uint64_t submit_at_ms = 0;
};

enum class Fault : std::uint8_t {
  kill_worker,
  kill_all_workers,
  kill_coordinator,
  second_coordinator,
  kill_several,
  pause_worker,
  pause_coordinator,
  partition_one_way,
  partition_full,
  storm,  // loss, doubles and delays far above the usual
  disk_full,
  disk_broken,
  disk_slow,
  power_loss,
  clock_jump,
  starve_worker,  // its engine hardly moves
  drain_worker,
  engine_fails,  // an attempt breaks for lack of memory
  engine_hangs,  // an attempt never goes on, though its worker lives and reports
};
inline constexpr int kFaultKinds = 19;
std::string_view name_of(Fault fault);

struct PlannedFault {
  std::uint64_t at_ms = 0;
  Fault fault = Fault::kill_worker;
};

struct Scenario {
  runtime::ProtocolLimits limits;
  int workers = 1;
  int slots = 1;
  std::uint64_t token_ms = 1;  // of an engine step
  std::vector<JobPlan> jobs;
  std::vector<PlannedFault> faults;
  std::uint64_t faults_end_ms = 0;  // from here on everything heals
  std::uint64_t loss_per_mille = 0, double_per_mille = 0, delay_per_mille = 0;
  std::uint64_t crash_per_mille = 0;  // between two effects
  bool slow_reader = false;
};

Scenario draw_scenario(Chance& chance);

}  // namespace pecia::world
