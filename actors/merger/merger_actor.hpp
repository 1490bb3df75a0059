#pragma once
// The merger as an actor: readers who have all there is wait in it, a while at most.
//
//   a read:  asked -there is news-> answered
//              '--none--> waiting -news, kReadMsMax, or too many wait-> answered

#include <memory>

#include "actors/messages.hpp"
#include "kernels/text/tokenizer.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

MergerHandle spawn_merger(caf::actor_system& system,
                          std::shared_ptr<const kernels::Tokenizer> tokenizer);

}  // namespace pecia::actors
