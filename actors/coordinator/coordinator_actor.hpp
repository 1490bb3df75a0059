#pragma once
// The coordinator as an actor: the core, the journal, and whom to tell.
//
//   opening -records read, term begun-> at work -deposed, or told to exit-> gone
//
// Opening is the caller's: an actor exists only over a journal that it holds. Worker handles come
// from whoever reports, under the boot that it reports with, and go with the actor behind them.

#include <functional>
#include <memory>
#include <string>

#include "actors/balancer/balancer.hpp"
#include "actors/messages.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/journal/journal.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

struct CoordinatorParts {
  runtime::ProtocolLimits limits;
  std::unique_ptr<Balancer> balancer;
  std::unique_ptr<runtime::Journal> journal;
  runtime::Boot boot = 0;
  std::vector<runtime::NodeName> expected;  // workers that may hold something; none: nobody knows
  GeneratorIdentity computes;               // what a job is pinned to whose client leaves that open
  // Another one has taken over: nobody of this process may coordinate again. Called on the actor's
  // thread, before it ends.
  std::function<void(const std::string& why)> deposed;
  MergerHandle merger;
  SlicerHandle slicer;
};

// Reads the journal and begins a term, which takes as long as its disk and its length want.
kernels::Expected<CoordinatorHandle> spawn_coordinator(caf::actor_system& system,
                                                       CoordinatorParts parts);

}  // namespace pecia::actors
