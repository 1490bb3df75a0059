#include "kernels/text/slicing.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace pecia::kernels {
namespace {

// Ends of runs filled up to `largest` one after another. A run also ends where every unit left is
// needed for a run of its own: that cuts a run further, which never makes the largest larger.
std::vector<std::size_t> fill_runs(const std::vector<std::size_t>& costs, std::size_t parts,
                                   std::size_t largest) {
  std::vector<std::size_t> ends;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const bool full = costs[i] > largest - std::min(sum, largest);
    const bool all_needed = costs.size() - i < parts - std::min(parts, ends.size());
    if (i > 0 && (full || all_needed)) {
      ends.push_back(i);
      sum = 0;
    }
    sum += costs[i];
  }
  if (!costs.empty()) ends.push_back(costs.size());
  return ends;
}

}  // namespace

std::vector<std::size_t> linear_partition(const std::vector<std::size_t>& costs,
                                          std::size_t parts) {
  assert(parts > 0);
  if (costs.empty()) return {};
  parts = std::min(parts, costs.size());
  // The answer lies between the dearest unit and everything in one run.
  std::size_t low = *std::max_element(costs.begin(), costs.end());
  std::size_t high = std::accumulate(costs.begin(), costs.end(), std::size_t{0});
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (fill_runs(costs, parts, middle).size() <= parts)
      high = middle;
    else
      low = middle + 1;
  }
  return fill_runs(costs, parts, low);
}

}  // namespace pecia::kernels
