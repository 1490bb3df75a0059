#pragma once
// What the slicer answers when the coordinator asks for a job's next steps. Thread rule: a value.

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/wire/records.hpp"

namespace pecia::actors {

// Steps that follow from the ended ones and are not planned yet. A pure function of the job's spec
// and the outputs of its ended steps, so that asking twice gives the same paths.
struct Expanded {
  runtime::JobId job{};
  std::size_t steps_ended = 0;  // as asked
  std::vector<runtime::PlannedStep> steps;
  bool complete = false;  // no further step will follow, whatever ends
  std::string failure;    // why the spec cannot be planned; empty: it can
  bool operator==(const Expanded&) const = default;
};

}  // namespace pecia::actors
