#include "runtime/wire/messages.hpp"

#include <algorithm>

namespace pecia::runtime {

std::string_view name_of(JobState state) {
  constexpr std::string_view kNames[] = {"opened", "running", "stalled",
                                         "done",   "failed",  "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

std::uint64_t tokens_of(const Viewed& viewed) {
  std::uint64_t tokens = 0;
  for (const SliceView& slice : viewed.slices) tokens += slice.tokens;
  return tokens;
}

std::size_t slices_ended(const Viewed& viewed) {
  return static_cast<std::size_t>(std::ranges::count_if(
      viewed.slices, [](const SliceView& slice) { return slice.end.has_value(); }));
}

}  // namespace pecia::runtime
