#pragma once
// The cache as an actor: pages of prompts that executors of this node share. What it gives is
// checked again by whoever takes it; what it lacks is computed.

#include "actors/cache/cache_core.hpp"
#include "actors/messages.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

CacheHandle spawn_cache(caf::actor_system& system, CacheLimits limits, NameCheck check);

}  // namespace pecia::actors
