#pragma once
// What a coordinator can tell of its jobs and workers. Thread rule: as the core's.

#include "actors/coordinator/coordinator_core.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::actors {

// Jobs from number `from` on, as they were opened and as many as one answer takes; all workers that
// one answer takes, by name.
runtime::Overviewed overview_of(CoordinatorCore& core, std::uint64_t from, std::uint64_t mono_ms);

}  // namespace pecia::actors
