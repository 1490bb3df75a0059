#pragma once
// Rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates",
// 1998): every worker has a score for every step, and a step goes to the highest. Without a worker
// its steps go to their second highest, and all others stay. Pure.

#include "kernels/base/hash.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::actors {

// Of the node's name and the step's path alone: a worker that comes back, and a job that is run
// again under a new id, meet the same places.
kernels::Id rendezvous_score(const runtime::StepName& step, const runtime::NodeName& node);

}  // namespace pecia::actors
