#pragma once
// A worker as an actor: the core, its executor, and the coordinator it is linked to.
//
//   alone -linkup-> linked -the coordinator is gone-> alone     (and keeps what it holds)
//
// Offers gather for kOfferMs, so that small steps make few messages. Worker and executor are one
// life: either ends with the other, and whatever comes after them has another boot.

#include <memory>
#include <string>

#include "actors/generator/generator.hpp"
#include "actors/messages.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/protocol_limits.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

struct WorkerParts {
  runtime::ProtocolLimits limits;
  runtime::NodeBoot self;
  std::unique_ptr<Generator> generator;
  CacheHandle cache;          // none: pages are kept by the generator alone
  DirectoryHandle directory;  // says who coordinates
};

WorkerHandle spawn_worker(caf::actor_system& system, WorkerParts parts);

}  // namespace pecia::actors
