#pragma once
// Which rows go into the next step. Every generating sequence advances by its one row; then prompts
// share `chunk_tokens` rows, first come first served, so that the first prompt of a crowd is done
// early and those behind it find its pages. A prompt whose next page an earlier one computes in
// this very step waits for it. All of this decides speed and order, never bits. Thread rule: pure.

#include <optional>
#include <span>
#include <vector>

#include "kernels/base/hash.hpp"

namespace pecia::kernels {

struct BatchCandidate {
  int rows_left = 0;             // tokens known but not yet fed; 0: nothing to do
  bool generating = false;       // its prompt is done
  std::optional<Id> computes{};  // key of the full page its next row belongs to
  std::optional<Id> takes{};     // key of the page it could take instead of computing
};

struct BatchPart {
  int candidate = 0;
  int rows = 0;
  bool operator==(const BatchPart&) const = default;
};

// Candidates in order of arrival; parts in the order of their rows in the step.
void plan_batch(std::span<const BatchCandidate> candidates, int chunk_tokens,
                std::vector<BatchPart>& parts);

}  // namespace pecia::kernels
