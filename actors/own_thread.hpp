#pragma once
// What computes for longer than a millisecond has a thread of its own, but where a test runs all
// actors of a system by itself, one message after the other. Thread rule: any thread.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/spawn_options.hpp>
#include <utility>

namespace pecia::actors {

inline bool is_stepped_by_test(const caf::actor_system& system) {
  return caf::get_or(system.config(), "scheduler.policy", caf::atom("")) == caf::atom("testing");
}

// `spawner`: the system, or an actor of it.
template <class Impl, class Spawner, class... Parts>
auto spawn_on_own_thread(caf::actor_system& system, Spawner& spawner, Parts&&... parts) {
  return is_stepped_by_test(system)
             ? spawner.template spawn<Impl>(std::forward<Parts>(parts)...)
             : spawner.template spawn<Impl, caf::detached>(std::forward<Parts>(parts)...);
}

}  // namespace pecia::actors
