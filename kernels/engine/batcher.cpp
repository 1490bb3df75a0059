#include "kernels/engine/batcher.hpp"

#include <algorithm>

namespace pecia::kernels {
namespace {

bool is_computed_by(std::span<const BatchCandidate> candidates, std::span<const BatchPart> parts,
                    const std::optional<Id>& page) {
  return page && std::ranges::any_of(parts, [&](const BatchPart& part) {
           return candidates[part.candidate].computes == page;
         });
}

}  // namespace

void plan_batch(std::span<const BatchCandidate> candidates, int chunk_tokens,
                std::vector<BatchPart>& parts) {
  parts.clear();
  const int count = static_cast<int>(candidates.size());
  for (int i = 0; i < count; ++i) {
    if (candidates[i].generating && candidates[i].rows_left > 0) parts.push_back({i, 1});
  }
  int room = chunk_tokens;
  for (int i = 0; i < count && room > 0; ++i) {
    const BatchCandidate& candidate = candidates[i];
    if (candidate.generating || candidate.rows_left == 0) continue;
    if (is_computed_by(candidates, parts, candidate.takes)) continue;
    const int rows = std::min(room, candidate.rows_left);
    parts.push_back({i, rows});
    room -= rows;
  }
}

}  // namespace pecia::kernels
