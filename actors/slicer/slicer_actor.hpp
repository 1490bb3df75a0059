#pragma once
// The slicer as an actor: plans what the coordinator asks for, and asks the summarizer where a plan
// needs a summary. A text that the summarizer refuses fails its job. A summarizer that is gone or
// too late is no job's fault: the slicer goes too, and its supervisor begins anew with both.
// Encoding long outlines takes a while, so it has a thread of its own.

#include <memory>

#include "actors/messages.hpp"
#include "kernels/text/tokenizer.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

SlicerHandle spawn_slicer(caf::actor_system& system,
                          std::shared_ptr<const kernels::Tokenizer> tokenizer,
                          SummarizerHandle summarizer);

}  // namespace pecia::actors
