#include "kernels/text/longest_end.hpp"

#include <string>

#include "kernels/base/utf8.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string_view end_within(std::string_view text, std::size_t bytes_max) {
  return longest_end(text, [&](std::string_view end) { return end.size() <= bytes_max; });
}

}  // namespace

TEST_CASE("a text that fits is its own longest end, white space in front and all") {
  REQUIRE(end_within("  a b", 5) == "  a b");
  REQUIRE(end_within("", 0) == "");
}

TEST_CASE("the longest end begins with a word, whatever white space is before it") {
  const std::string_view text = "one two\n\n three\tfour";
  REQUIRE(end_within(text, text.size() - 1) == "two\n\n three\tfour");
  REQUIRE(end_within(text, 15) == "three\tfour");
  REQUIRE(end_within(text, 10) == "three\tfour");
  REQUIRE(end_within(text, 9) == "four");
  REQUIRE(end_within(text, 3) == "");
}

TEST_CASE("a run without white space is cut between characters where it is too long for a word") {
  const std::string word(kWordBytesMax, 'x');
  REQUIRE(end_within(word, kWordBytesMax - 1) == "");
  std::string text;
  while (text.size() <= kWordBytesMax) text += "\xE6\xBC\xA2";
  REQUIRE(end_within(text, 100).size() == 99);
  REQUIRE(is_utf8(end_within(text, 100)));
}

TEST_CASE("what is given fits even where a shorter end needs more room") {
  // By a measure that dislikes every end of an even number of words.
  const auto fits = [](std::string_view end) {
    const auto words = (end.size() + 1) / 2;
    return words % 2 == 0 && words < 5;
  };
  const std::string_view end = longest_end("a b c d e f g h i", fits);
  REQUIRE(fits(end));
}

}  // namespace pecia::kernels
