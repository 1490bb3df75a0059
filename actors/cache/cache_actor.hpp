#pragma once
// The cache as an actor: pages of prompts that executors of this node share, and, in a cluster,
// those of other nodes (page_trade_core.hpp). What it gives is checked again by whoever takes it;
// what it lacks is computed.

#include <memory>

#include "actors/cache/cache_core.hpp"
#include "actors/cache/page_trade_core.hpp"
#include "actors/links/bulk_door.hpp"
#include "actors/messages.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

struct CacheParts {
  CacheLimits limits;
  NameCheck check;
  TradeNames names{};                // empty: alone
  std::shared_ptr<BulkDoor> door{};  // to other nodes; none: alone
};

CacheHandle spawn_cache(caf::actor_system& system, CacheParts parts);

}  // namespace pecia::actors
