#include "kernels/text/word_counts.hpp"

#include <map>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

Counts counts_of(const WordCounts& words) {
  Counts counts;
  for (const auto& [text, count] : words.sorted()) counts.emplace(text, count);
  return counts;
}

Counts counted_in_parts(std::string_view text, std::size_t part) {
  WordCounts words;
  for (std::size_t at = 0; at < text.size(); at += part) {
    REQUIRE(words.add(text.substr(at, part)).ok());
  }
  REQUIRE(words.end_text().ok());
  CHECK(words.bytes() == text.size());
  return counts_of(words);
}

// Words, blank lines and marks in all mixtures, over several pieces.
std::string long_text() {
  constexpr std::string_view kParts[] = {"word", " ",  "\n", "\n\n",   "  ",     "\u00E9t\u00E9",
                                         "12",   ". ", "'s", "\u3000", "\u3002", "\t"};
  std::string text;
  for (std::uint64_t i = 0; text.size() < 2 * WordCounts::kPieceBytes + 5'000; ++i) {
    text += kParts[philox64(3, i, 0) % std::size(kParts)];
  }
  return text;
}

std::string refusal(const Status& status) {
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::refuse);
  return status.error().message;
}

TEST_CASE("Words are counted as the pre-tokenizer cuts the whole text, however it arrives") {
  const std::string text = long_text();
  Counts whole;
  for (const auto word : Pretokenizer(*pretokenizer_style(kBpePretokenizer)).split(text)) {
    ++whole[std::string(word)];
  }
  for (const std::size_t part : {std::size_t{997}, std::size_t{65'536}, text.size()}) {
    CHECK((counted_in_parts(text, part) == whole));
  }
}

TEST_CASE("Text without white space is counted in pieces of whole characters") {
  std::string text;
  while (text.size() < 3 * WordCounts::kPieceBytes) text += "\u6211";
  const Counts counts = counted_in_parts(text, 1'000'000);
  std::uint64_t bytes = 0;
  for (const auto& [word, count] : counts) {
    CHECK(word.size() % 3 == 0);
    bytes += count * word.size();
  }
  CHECK(bytes == text.size());
}

TEST_CASE("Words of two texts do not touch") {
  WordCounts words;
  for (const std::string_view text : {"one", "two"}) {
    REQUIRE(words.add(text).ok());
    REQUIRE(words.end_text().ok());
  }
  CHECK(counts_of(words) == Counts{{"one", 1}, {"two", 1}});
}

TEST_CASE("Invalid UTF-8 is refused by line and byte of its text, wherever the pieces end") {
  WordCounts words;
  REQUIRE(words.add("a first text\n").ok());
  REQUIRE(words.end_text().ok());
  std::string text = long_text() + "\n";
  const auto lines = std::count(text.begin(), text.end(), '\n');
  text += "good \xC3\xA9, bad \xC3(";
  Status status;
  for (std::size_t at = 0; at < text.size() && status; at += 4'096) {
    status = words.add(std::string_view(text).substr(at, 4'096));
  }
  if (status) status = words.end_text();
  CHECK(refusal(status) == fmt::format("line {} (byte {}) is not valid UTF-8; save it as UTF-8",
                                       lines + 1, text.size() - 2));
}

TEST_CASE("A character that the end of the text cuts is refused") {
  WordCounts words;
  REQUIRE(words.add("abc\xE2\x82").ok());
  CHECK(refusal(words.end_text()).starts_with("line 1 (byte 3)"));
}

}  // namespace
}  // namespace pecia::kernels
