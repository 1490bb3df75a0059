#pragma once
// What a worker counts.

#include <cstdint>
#include <string_view>

#include "actors/counts.hpp"

namespace pecia::actors {

enum class WorkerEvent : std::uint8_t {
  stale_term,  // a message of a coordinator that was replaced
  order_repeated,
  order_refused,  // no slot, or draining
  started,
  taken_over,  // a new attempt goes on with the state of an old one
  filled,      // as far ahead as the window allows
  went_on,     // and no longer
  went_back,   // offers again from what is committed
  dropped,
  drained,
  orphaned,  // no coordinator for too long
  count_,
};
std::string_view name_of(WorkerEvent event);

}  // namespace pecia::actors
