#include "kernels/text/slicing.hpp"

#include <algorithm>
#include <string>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

using Strategy = Expected<std::vector<TextSlice>> (*)(std::string_view, SlicingBudget,
                                                      const TextCost&);
constexpr Strategy kStrategies[] = {slice_block, slice_sentence, slice_paragraph};

std::size_t bytes_of(std::string_view text) { return text.size(); }

// Slices as text; fails where they do not cover the input exactly.
std::vector<std::string> cut(Strategy strategy, std::string_view text, std::size_t slices,
                             const TextCost& cost = bytes_of) {
  const auto cuts = strategy(text, {slices}, cost).value();
  std::vector<std::string> pieces;
  std::size_t end = 0;
  for (const TextSlice& slice : cuts) {
    REQUIRE(slice.begin == end);
    REQUIRE(slice.end > slice.begin);
    end = slice.end;
    pieces.emplace_back(text.substr(slice.begin, slice.end - slice.begin));
  }
  REQUIRE(end == text.size());
  REQUIRE(pieces.size() <= slices);
  return pieces;
}

using Pieces = std::vector<std::string>;

std::size_t largest_run(const std::vector<std::size_t>& costs,
                        const std::vector<std::size_t>& ends) {
  std::size_t largest = 0, begin = 0;
  for (const std::size_t end : ends) {
    std::size_t sum = 0;
    for (; begin < end; ++begin) sum += costs[begin];
    largest = std::max(largest, sum);
  }
  return largest;
}

// Smallest possible largest sum by trying every place of the last cut.
std::size_t best_largest(const std::vector<std::size_t>& costs, std::size_t count,
                         std::size_t parts) {
  std::size_t tail = 0, best = SIZE_MAX;
  if (parts == 1 || count == 0) {
    for (std::size_t i = 0; i < count; ++i) tail += costs[i];
    return tail;
  }
  for (std::size_t last = count; last-- > 0;) {
    tail += costs[last];
    best = std::min(best, std::max(tail, best_largest(costs, last, parts - 1)));
  }
  return best;
}

}  // namespace

TEST_CASE("a linear partition makes the largest run as small as possible, in all its parts") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::vector<std::size_t> costs(philox64(seed, 0, 0) % 9);
    for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = philox64(seed, i, 1) % 12;
    const std::size_t parts = 1 + philox64(seed, 0, 2) % 5;
    const auto ends = linear_partition(costs, parts);
    CAPTURE(seed, parts, costs);
    REQUIRE(ends.size() == std::min(parts, costs.size()));
    REQUIRE(std::is_sorted(ends.begin(), ends.end(), std::less_equal<>()));
    if (!ends.empty()) REQUIRE(ends.back() == costs.size());
    REQUIRE(largest_run(costs, ends) == best_largest(costs, costs.size(), parts));
  }
}

TEST_CASE("a linear partition balances by size, not by count") {
  const std::vector<std::size_t> costs = {9, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  REQUIRE(linear_partition(costs, 2) == std::vector<std::size_t>{1, 10});
}

TEST_CASE("every strategy covers a text of any bytes exactly, in at most so many slices") {
  for (const Strategy strategy : kStrategies)
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      std::string text(philox64(seed, 0, 0) % 2'000, ' ');
      for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = seed % 2 == 0 ? static_cast<char>(philox64(seed, i, 1))
                                : "a. \n\xC3\xA9\xCC\x81"[philox64(seed, i, 1) % 8];
      cut(strategy, text, 1 + seed % 13);
    }
}

TEST_CASE("an empty text has no slices, and one slice is the whole text") {
  for (const Strategy strategy : kStrategies) {
    REQUIRE(cut(strategy, "", 3).empty());
    REQUIRE(cut(strategy, "One. Two.\n\nThree.", 1) == Pieces{"One. Two.\n\nThree."});
  }
}

TEST_CASE("blocks hold equal shares of the cost") {
  const std::string text(10'000, 'x');
  for (const std::size_t slices : {2u, 3u, 7u, 64u}) {
    const auto pieces = cut(slice_block, text, slices);
    REQUIRE(pieces.size() == slices);
    for (const auto& piece : pieces) {
      REQUIRE(piece.size() >= text.size() / slices - 1);
      REQUIRE(piece.size() <= text.size() / slices + 2);
    }
  }
}

TEST_CASE("blocks follow the cost, not the bytes") {
  // Digits cost a token each, letters nothing.
  const TextCost digits = [](std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
  };
  const std::string text = std::string(1'000, 'a') + "1234" + std::string(500, 'b') + "56";
  const auto pieces = cut(slice_block, text, 3, digits);
  REQUIRE(pieces.size() == 3);
  for (const auto& piece : pieces) REQUIRE(digits(piece) == 2);
}

TEST_CASE("a block never ends inside a grapheme") {
  const std::string accent = "e\xCC\x81";                                     // e, combining acute
  const std::string family = "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7";  // joined by ZWJ
  const std::string flag = "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA";  // two regional letters
  for (const std::string& grapheme : {accent, family, flag, std::string("\r\n")}) {
    std::string text;
    for (int i = 0; i < 700; ++i) text += grapheme;
    for (const std::size_t slices : {3u, 10u, 999u})
      for (const auto& piece : cut(slice_block, text, slices))
        REQUIRE(piece.size() % grapheme.size() == 0);
  }
}

TEST_CASE("sentences stay whole in any script") {
  REQUIRE(cut(slice_sentence, "It rains. Dr. who? Yes!", 9).size() >= 3);
  REQUIRE(cut(slice_sentence,
              "\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82\xE5\x86\x8D\xE8\xA7\x81\xE3\x80\x82", 9) ==
          Pieces{"\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82", "\xE5\x86\x8D\xE8\xA7\x81\xE3\x80\x82"});
  // Devanagari, ended by a danda.
  REQUIRE(cut(slice_sentence, "\xE0\xA4\x95\xE0\xA5\xA4 \xE0\xA4\x96\xE0\xA5\xA4", 9) ==
          Pieces{"\xE0\xA4\x95\xE0\xA5\xA4 ", "\xE0\xA4\x96\xE0\xA5\xA4"});
}

TEST_CASE("sentences are packed so that the largest slice is small") {
  const std::string text = "This first one is by far the longest sentence here. A b. C d. E f.";
  REQUIRE(cut(slice_sentence, text, 2) ==
          Pieces{"This first one is by far the longest sentence here. ", "A b. C d. E f."});
}

TEST_CASE("paragraphs end with their blank lines, whatever the line ends") {
  REQUIRE(cut(slice_paragraph, "\n\none\ntwo\n\n \nthree\r\n\r\nfour", 9) ==
          Pieces{"\n\none\ntwo\n\n \n", "three\r\n\r\n", "four"});
  REQUIRE(cut(slice_paragraph, "one\ntwo\n", 9) == Pieces{"one\ntwo\n"});
  REQUIRE(cut(slice_paragraph, "\n \n", 9) == Pieces{"\n \n"});
}

TEST_CASE("no slices, or a text too long to slice, is refused") {
  const std::string huge(kSlicedTextBytesMax + 1, 'x');
  for (const Strategy strategy : kStrategies) {
    const auto none = strategy("text", {0}, bytes_of);
    REQUIRE(!none.ok());
    REQUIRE(none.error().message == "0 slices asked for; a text needs 1 or more");
    const auto long_text = strategy(huge, {2}, bytes_of);
    REQUIRE(!long_text.ok());
    REQUIRE(long_text.error().message ==
            "the text has 67108865 bytes; at most 67108864 can be sliced");
  }
}

}  // namespace pecia::kernels
