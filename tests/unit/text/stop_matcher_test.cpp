#include "kernels/text/stop_matcher.hpp"

#include <algorithm>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

struct Outcome {
  bool stopped = false;
  std::size_t kept = 0;
  std::size_t visible = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(const StopMatcher& matcher) {
  return {matcher.stopped(), matcher.kept(), matcher.visible()};
}

Outcome match(const std::vector<std::string>& stops, std::string_view stream) {
  StopMatcher matcher(stops);
  matcher.push(stream);
  return outcome(matcher);
}

// The same rule by plain search: the stop string complete first, the longest of several.
Outcome plain_match(const std::vector<std::string>& stops, std::string_view stream) {
  for (std::size_t end = 1; end <= stream.size(); ++end) {
    std::size_t longest = 0;
    for (const auto& stop : stops)
      if (stream.substr(0, end).ends_with(stop)) longest = std::max(longest, stop.size());
    if (longest > 0) return {true, end - longest, end - longest};
  }
  std::size_t undecided = 0;
  for (const auto& stop : stops)
    for (std::size_t bytes = 1; bytes < stop.size(); ++bytes)
      if (stream.ends_with(std::string_view(stop).substr(0, bytes)))
        undecided = std::max(undecided, bytes);
  return {false, stream.size(), stream.size() - undecided};
}

std::string random_ab(std::uint64_t seed, std::size_t bytes_max) {
  std::string text(1 + philox64(seed, 0, 0) % bytes_max, 'a');
  for (std::size_t i = 0; i < text.size(); ++i)
    if (philox64(seed, i, 1) % 2 != 0) text[i] = 'b';
  return text;
}

}  // namespace

TEST_CASE("text is kept up to the stop string, and what follows it is ignored") {
  REQUIRE(match({"END"}, "to the END of it END") == Outcome{true, 7, 7});
  REQUIRE(match({"END"}, "to the EN") == Outcome{false, 9, 7});
  REQUIRE(match({"END"}, "") == Outcome{false, 0, 0});
}

TEST_CASE("the stop string complete first counts, the longest of those that end together") {
  REQUIRE(match({"long stop", "st"}, "a long stop") == Outcome{true, 7, 7});
  REQUIRE(match({"top", "stop"}, "a stop") == Outcome{true, 2, 2});
}

TEST_CASE("a stop string that overlaps a failed beginning of itself is found") {
  REQUIRE(match({"\n\n#"}, "a\n\n\n#") == Outcome{true, 2, 2});
  REQUIRE(match({"aab"}, "aaab") == Outcome{true, 1, 1});
}

TEST_CASE("without stop strings all is visible at once, and an empty one stops nothing") {
  REQUIRE(match({}, "text") == Outcome{false, 4, 4});
  REQUIRE(match({""}, "text") == Outcome{false, 4, 4});
  REQUIRE(match({"", "x"}, "text") == Outcome{true, 2, 2});
}

TEST_CASE("random streams over two letters match as plain search does, however they are cut") {
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    const std::vector<std::string> stops = {random_ab(seed * 4, 6), random_ab(seed * 4 + 1, 7)};
    const std::string stream = random_ab(seed * 4 + 2, 30);
    StopMatcher matcher(stops);
    std::size_t shown = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t bytes = 1 + philox64(seed, at, 2) % 4;
      matcher.push(std::string_view(stream).substr(at, bytes));
      at = std::min(at + bytes, stream.size());
      CAPTURE(stops[0], stops[1], stream, at);
      REQUIRE(outcome(matcher) == plain_match(stops, std::string_view(stream).substr(0, at)));
      REQUIRE(matcher.visible() >= shown);
      shown = matcher.visible();
    }
  }
}

}  // namespace pecia::kernels
