#include "apps/pecia/stall_meter.hpp"

#include <algorithm>
#include <cmath>

namespace pecia::apps {

namespace {

bool is_coordinator(Struck struck) { return struck == Struck::coordinator_killed; }

}  // namespace

void StallMeter::strike(std::uint64_t strike, Struck struck, double now_ms) {
  open_.push_back({strike, struck, now_ms});
}

void StallMeter::take_base(Open& open, std::span<const SliceLook> looks) const {
  const bool any = all_run_ || is_coordinator(open.struck);
  for (const SliceLook& look : looks) {
    const bool waits = !look.ended && (look.tokens > 0 || any);
    open.slices.push_back({waits, look.tokens, open.at_ms, {}});
  }
}

void StallMeter::follow(Slice& slice, const SliceLook& look, const Open& open, double now_ms) {
  if (!slice.waits) return;
  const bool grew = look.tokens > slice.tokens || look.ended;
  const bool stood_still = now_ms - slice.grew_ms > kStillMs;
  if (grew && (stood_still || !slice.went_on)) slice.went_on = now_ms - open.at_ms;
  if (grew) {
    slice.tokens = look.tokens;
    slice.grew_ms = now_ms;
  }
  slice.waits = !look.ended && slice.grew_ms - open.at_ms <= kSentWithinMs;
}

bool StallMeter::is_over(const Open& open) {
  const auto went_on = [](const Slice& slice) { return slice.went_on.has_value(); };
  const auto waits = [](const Slice& slice) { return slice.waits; };
  if (is_coordinator(open.struck) && std::any_of(open.slices.begin(), open.slices.end(), went_on))
    return true;
  return std::none_of(open.slices.begin(), open.slices.end(), waits);
}

void StallMeter::look(double asked_ms, double answered_ms, std::span<const SliceLook> slices) {
  const auto has_ended = [&](Open& open) {
    if (open.slices.empty()) {
      // What a dead coordinator had made durable is in the first answer of the next one.
      if (asked_ms < open.at_ms + (is_coordinator(open.struck) ? 0 : kUnderWayMs)) return false;
      take_base(open, slices);
      return is_over(open);
    }
    for (std::size_t i = 0; i < std::min(slices.size(), open.slices.size()); ++i)
      follow(open.slices[i], slices[i], open, answered_ms);
    if (!is_over(open)) return false;
    double longest_ms = 0;
    for (const Slice& slice : open.slices)
      longest_ms = std::max(longest_ms, slice.went_on.value_or(0));
    stalls_.push_back({open.struck, open.strike, longest_ms});
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
