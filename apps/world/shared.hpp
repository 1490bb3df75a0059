#pragma once
// What every inhabitant of a world may use. The world owns all of it.

#include <functional>
#include <string>

#include "actors/coordinator/effects.hpp"
#include "apps/world/chance.hpp"
#include "apps/world/checkers.hpp"
#include "apps/world/coverage.hpp"
#include "apps/world/event_log.hpp"
#include "apps/world/event_queue.hpp"
#include "apps/world/fake_model.hpp"
#include "apps/world/network.hpp"
#include "apps/world/scenario.hpp"

namespace pecia::world {

struct Shared {
  const Scenario& scenario;
  Chance& chance;
  EventQueue& queue;
  Network& network;
  Coverage& coverage;
  Checkers& checkers;
  EventLog& log;
  const FakeModel& model;
  std::uint64_t unix_offset_ms = 0;  // the wall clock jumps; the monotonic one does not
  bool healed = false;

  actors::Now now() const { return {queue.now_ms(), 1'000'000 + queue.now_ms() + unix_offset_ms}; }
  // Whether a process dies here, between two effects.
  bool crashes_here() const { return !healed && chance.per_mille(scenario.crash_per_mille); }
};

}  // namespace pecia::world
