#include "apps/pecia/job_witness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/pecia/output.hpp"

namespace pecia::apps {

namespace {

constexpr std::size_t kQuotedBytesMax = 60;

std::size_t agreeing_bytes(std::string_view one, std::string_view other) {
  const std::size_t shorter = std::min(one.size(), other.size());
  const auto* differs = std::mismatch(one.begin(), one.begin() + shorter, other.begin()).first;
  return static_cast<std::size_t>(differs - one.begin());
}

// One of the two is a beginning of the other.
bool agree(std::string_view one, std::string_view other) {
  return agreeing_bytes(one, other) == std::min(one.size(), other.size());
}

std::string describe(std::string_view printed, std::string_view expected, std::string_view source) {
  const std::size_t at = agreeing_bytes(printed, expected);
  return fmt::format("printed '{}' from byte {} on, where {} '{}'",
                     printable(printed.substr(at), kQuotedBytesMax), at, source,
                     printable(expected.substr(at), kQuotedBytesMax));
}

}  // namespace

std::optional<Contradiction> JobWitness::see(std::string_view printed, Extent extent) {
  Contradiction found;
  found.different =
      extent == Extent::whole ? printed != document_ : !document_.starts_with(printed);
  found.taken_back = !agree(printed, longest_);
  if (found.taken_back) {
    found.what = describe(printed, longest_, "an earlier run had printed");
  } else if (found.different) {
    found.what = describe(printed, document_, "the undisturbed document has");
  }
  if (found.different || found.taken_back) return found;
  if (printed.size() > longest_.size()) longest_ = printed;
  return {};
}

}  // namespace pecia::apps
