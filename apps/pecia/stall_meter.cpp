#include "apps/pecia/stall_meter.hpp"

#include <algorithm>
#include <cmath>

namespace pecia::apps {

namespace {

bool waits_at_all(const std::vector<bool>& waits) {
  return std::find(waits.begin(), waits.end(), true) != waits.end();
}

}  // namespace

void StallMeter::strike(std::uint64_t strike, Struck struck, double now_ms) {
  open_.push_back({strike, struck, now_ms, false, {}, {}});
}

void StallMeter::take_base(Open& open, std::span<const SliceLook> slices) {
  open.has_base = true;
  const bool of_worker = open.struck != Struck::coordinator_killed;
  for (const SliceLook& slice : slices) {
    open.base.push_back(slice.tokens);
    open.waits.push_back(!slice.ended && (slice.tokens > 0 || !of_worker));
  }
}

bool StallMeter::is_over(Open& open, std::span<const SliceLook> slices) {
  bool any = false;
  for (std::size_t i = 0; i < std::min(slices.size(), open.waits.size()); ++i) {
    if (!open.waits[i] || (slices[i].tokens <= open.base[i] && !slices[i].ended)) continue;
    open.waits[i] = false;
    any = true;
  }
  return open.struck == Struck::coordinator_killed ? any : !waits_at_all(open.waits);
}

void StallMeter::look(double asked_ms, double answered_ms, std::span<const SliceLook> slices) {
  const auto has_ended = [&](Open& open) {
    if (!open.has_base) {
      const bool of_worker = open.struck != Struck::coordinator_killed;
      // What a dead coordinator had made durable is in the first answer of the next one.
      if (asked_ms < open.at_ms + (of_worker ? kUnderWayMs : 0)) return false;
      take_base(open, slices);
      return !waits_at_all(open.waits);
    }
    if (!is_over(open, slices)) return false;
    stalls_.push_back({open.struck, open.strike, answered_ms - open.at_ms});
    return true;
  };
  std::erase_if(open_, has_ended);
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  const auto at = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::min(at, values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace pecia::apps
