#pragma once
// What can be told of a job besides its text. Thread rule: values.

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/wire/messages.hpp"

namespace pecia::actors {

struct SliceView {
  std::uint64_t tokens = 0;             // durable
  std::optional<runtime::StepEnd> end;  // none: it has not ended
};

struct JobView {
  std::vector<SliceView> slices;  // none: the job is not known
  std::uint64_t tokens = 0;       // of all slices
  std::size_t slices_ended = 0;
  std::uint64_t bytes_released = 0;
  std::optional<runtime::ClosedRecord> closed;
};

}  // namespace pecia::actors
