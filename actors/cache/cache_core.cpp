#include "actors/cache/cache_core.hpp"

#include <cassert>
#include <utility>

namespace pecia::actors {

CacheCore::CacheCore(CacheLimits limits, SpeedGuesses guesses, NameCheck check)
    : pages_(limits.cache_bytes_max, std::move(check)),
      holders_(limits.announcements_max),
      cost_(guesses, limits.measured_nodes_max) {}

PagePlan CacheCore::plan(std::span<const Id> names, const PageCost& page) const {
  PagePlan plan;
  while (plan.kept < names.size() && pages_.has(names[plan.kept])) ++plan.kept;
  const std::span<const Id> missing = names.subspan(plan.kept);
  if (missing.empty()) return plan;
  double saved_s = 0;
  for (const NodeBoot& holder : holders_.of(missing.front())) {
    const std::size_t run = holders_.run_of(holder, missing);
    assert(run > 0);
    const double saved =
        cost_.compute_s(run * page.tokens) - cost_.fetch_s(holder, run * page.bytes);
    if (saved <= saved_s) continue;
    saved_s = saved;
    plan.fetched = run;
    plan.from = holder;
  }
  plan.computed = missing.size() - plan.fetched;
  return plan;
}

void CacheCore::down(const NodeBoot& node) {
  holders_.forget(node);
  cost_.forget(node);
}

}  // namespace pecia::actors
