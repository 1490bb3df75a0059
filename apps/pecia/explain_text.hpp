#pragma once
// What happened to a job as lines for a person and as JSON, from the rows that a coordinator or a
// journal gave. Tells what the rows say and nothing else: a note that was lost leaves a gap.
// Thread rule: pure functions, but for the time zone.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/wire/messages.hpp"

namespace pecia::apps {

struct ExplainTotals {
  std::uint64_t tokens = 0;        // durable
  std::uint64_t slices_ended = 0;  // steps, where they make no document
  std::uint64_t attempts = 0;      // that were placed anew, not adopted
  std::uint64_t left = 0;          // of those, before the end of their step
  std::uint64_t restarts = 0;      // of the coordinator
  std::uint64_t again = 0;         // tokens known to have been generated and lost: at least so many
  std::uint64_t stalled_ms = 0;    // by its storage
};
ExplainTotals totals_of(const std::vector<runtime::ExplainRow>& rows);

// REQUIRES all rows, from 0 on.
std::string explain_text(const runtime::Explained& whole);
nlohmann::ordered_json explain_json(const runtime::Explained& whole);

}  // namespace pecia::apps
