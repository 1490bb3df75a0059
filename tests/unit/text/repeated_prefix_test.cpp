#include "kernels/text/repeated_prefix.hpp"

#include <string>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string repeated(std::string_view before, std::string_view text) {
  return std::string(text.substr(0, repeated_prefix(before, text)));
}

// Words of a and b between spaces and commas: where they end is plain to see.
bool plain_boundary(std::string_view text, std::size_t at) {
  const auto is_letter = [](char c) { return c == 'a' || c == 'b'; };
  return at == 0 || at == text.size() || !is_letter(text[at - 1]) || !is_letter(text[at]);
}

std::size_t plain_search(std::string_view before, std::string_view text) {
  for (std::size_t bytes = std::min(before.size(), text.size()); bytes > 0; --bytes) {
    if (before.ends_with(text.substr(0, bytes)) && plain_boundary(text, bytes) &&
        plain_boundary(before, before.size() - bytes)) {
      return bytes;
    }
  }
  return 0;
}

std::string random_words(std::uint64_t seed, std::size_t bytes_max) {
  std::string text(philox64(seed, 0, 0) % bytes_max, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = "aab ,"[philox64(seed, i, 1) % 5];
  return text;
}

}  // namespace

TEST_CASE("the longest beginning that the text before ends with is found") {
  CHECK(repeated("and so they met. They met", "They met again") == "They met");
  CHECK(repeated("one two", "two three") == "two");
  CHECK(repeated("one", "two").empty());
  CHECK(repeated("", "two").empty());
  CHECK(repeated("one", "").empty());
  CHECK(repeated("the same", "the same") == "the same");
  CHECK(repeated("longer than the text", "text") == "text");
}

TEST_CASE("no word is cut on either side of the repeated text") {
  CHECK(repeated("he saw the", "the elephant") == "the");
  CHECK(repeated("he saw the", "then").empty());
  CHECK(repeated("he had seen", "seen it") == "seen");
  CHECK(repeated("it was unseen", "seen it").empty());
  CHECK(repeated("at 10", "10,000 miles") == "10");
  CHECK(repeated("at 10", "100 miles").empty());
}

TEST_CASE("no character and no cluster is cut, and scripts without spaces may be cut anywhere") {
  CHECK(repeated("cafe", "e\u0301").empty());
  CHECK(repeated("\U0001F469", "\U0001F469\u200D\U0001F680").empty());
  CHECK(repeated("\U0001F1E9", "\U0001F1E9\U0001F1EA").empty());
  CHECK(repeated("x\r", "\r\n").empty());
  CHECK(repeated("\u4ECA\u65E5\u306F", "\u65E5\u306F\u6674\u308C") == "\u65E5\u306F");
  CHECK(repeated("\u0E01\u0E32", "\u0E32\u0E01") == "\u0E32");
  CHECK(repeated("\u0928\u092E", "\u092E\u0938").empty());  // Devanagari has spaces
  CHECK(repeated("\xC3\xA9", "\xA9 x").empty());            // its second byte alone
}

TEST_CASE("random words repeat as plain search finds, and only the deciding bytes matter") {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    const std::string before = random_words(seed * 2, 12), text = random_words(seed * 2 + 1, 14);
    CAPTURE(before, text);
    const std::size_t bytes = repeated_prefix(before, text);
    REQUIRE(bytes == plain_search(before, text));
    REQUIRE(bytes == repeated_prefix(before, text.substr(0, repeat_decided_by(before))));
    found += bytes > 0;
  }
  REQUIRE(found > 2'000);
}

TEST_CASE("the last characters of a text are whole ones") {
  CHECK(last_characters("a\u00E9\u4ECA\U0001F41D", 2) == "\u4ECA\U0001F41D");
  CHECK(last_characters("ab", 0).empty());
  CHECK(last_characters("ab", 5) == "ab");
  CHECK(last_characters("a\x80\xFF", 2) == "\x80\xFF");
}

}  // namespace pecia::kernels
