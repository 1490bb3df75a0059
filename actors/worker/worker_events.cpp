#include "actors/worker/worker_events.hpp"

namespace pecia::actors {

std::string_view name_of(WorkerEvent event) {
  constexpr std::array<std::string_view, Counts<WorkerEvent>::kEvents> kNames = {
      "stale_term", "order_repeated", "order_refused", "started", "taken_over", "filled",
      "went_on",    "went_back",      "dropped",       "drained", "orphaned"};
  return kNames[static_cast<std::size_t>(event)];
}

}  // namespace pecia::actors
