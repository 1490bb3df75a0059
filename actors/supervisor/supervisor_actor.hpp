#pragma once
// A supervisor as an actor: the core decides, here children are spawned, watched and told to go.
// States: runtime/supervision/supervisor_core.hpp.
//
// A child is started by its factory, which gives an actor that is ready, or says why there is none.
// A supervisor that gives up tells `gave_up` and ends abnormally, so that its own supervisor acts.

#include <caf/actor.hpp>
#include <functional>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/supervision/supervisor_spec.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

// Called on the supervisor's thread, again for every restart.
using ChildFactory = std::function<kernels::Expected<caf::actor>()>;

struct SupervisorParts {
  runtime::SupervisorSpec spec;
  std::vector<ChildFactory> factories;  // one a child of the spec
  std::function<void(const kernels::Error&)> gave_up;
};

// Refuses what check_spec() refuses. Starts its children at once.
kernels::Expected<SupervisorHandle> spawn_supervisor(caf::actor_system& system,
                                                     SupervisorParts parts);

}  // namespace pecia::actors
