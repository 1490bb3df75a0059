#include "runtime/config/foreign_words.hpp"

#include <array>

#include "tests/catch.hpp"

using namespace pecia::runtime;

TEST_CASE("the nearest word is the one with the fewest letters to change") {
  constexpr std::array<std::string_view, 4> known = {"report_ms", "silent_ms", "slots", "stall_ms"};
  CHECK(nearest("reprt_ms", known) == "report_ms");
  CHECK(nearest("slot", known) == "slots");
  CHECK(nearest("stalled_ms", known) == "stall_ms");
  CHECK(nearest("SLOTS", known) == "slots");
  CHECK(nearest("", known) == "slots");
  CHECK(nearest(std::string(100'000, 'x'), known) == "report_ms");
}

TEST_CASE("a foreign word is shown on one line, cut between characters") {
  CHECK(quoted("slots") == "'slots'");
  CHECK(quoted("a\nb\x7Fz\x01") == "'a?b?z?'");
  const std::string longest(kShownBytesMax, 'x');
  CHECK(quoted(longest) == "'" + longest + "'");
  CHECK(quoted(longest + "y") == "'" + longest + "...'");
  const std::string torn = std::string(kShownBytesMax - 1, 'x') + "\xC3\xA9";
  CHECK(quoted(torn) == "'" + std::string(kShownBytesMax - 1, 'x') + "...'");
}
