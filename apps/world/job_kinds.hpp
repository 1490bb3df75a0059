#pragma once
// Jobs of the world: a spec is the plan itself, so that coordinator, slicer and engine can each
// read what they need of it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "actors/coordinator/coordinator_core.hpp"
#include "apps/world/scenario.hpp"

namespace pecia::world {

struct JobKind {
  JobPlan plan;

  // Computing token `position` of this step kills the process.
  bool kills(std::string_view path, std::size_t position) const;
  bool breaks(std::string_view path) const;  // no engine can go on with it
};

std::vector<std::byte> write_spec(const JobPlan& plan);
JobKind read_spec(std::span<const std::byte> spec);

// The slicer: what follows from these ended steps. Pure.
actors::Expanded expand(const runtime::JobId& job, std::span<const std::byte> spec,
                        std::size_t steps_ended);

}  // namespace pecia::world
