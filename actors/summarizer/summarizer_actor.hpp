#pragma once
// The summarizer as an actor: one question, one answer, no state. A summary of a long text takes a
// while, so it has a thread of its own.

#include <memory>

#include "actors/messages.hpp"
#include "kernels/text/tokenizer.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

SummarizerHandle spawn_summarizer(caf::actor_system& system,
                                  std::shared_ptr<const kernels::Tokenizer> tokenizer);

}  // namespace pecia::actors
