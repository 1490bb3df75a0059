// The unigram model: the best cut of a text, and what happens to the text before.

#include "kernels/text/unigram.hpp"

#include <limits>
#include <map>

#include "kernels/base/philox.hpp"
#include "kernels/text/unicode.hpp"
#include "kernels/text/unigram_normaliser.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Ids = std::vector<TokenId>;
using Pieces = std::vector<std::string_view>;

// <pad>, </s>, <unk>, then `tokens`.
test::VocabularyFile t5_vocabulary(const std::vector<test::ScoredToken>& tokens) {
  std::vector<test::ScoredToken> all{{"<pad>", 0, 3}, {"</s>", 0, 3}, {"<unk>", 0, 2}};
  all.insert(all.end(), tokens.begin(), tokens.end());
  std::vector<std::string> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  for (const test::ScoredToken& token : all) {
    texts.push_back(token.text), scores.push_back(token.score), types.push_back(token.type);
  }
  test::VocabularyFile file;
  file.text("tokenizer.ggml.model", "t5").texts("tokenizer.ggml.tokens", texts);
  file.floats("tokenizer.ggml.scores", scores).ints("tokenizer.ggml.token_type", types);
  return file;
}

Pieces pieces(const Tokenizer& tokenizer, std::string_view text) {
  Pieces result;
  for (const TokenId id : tokenizer.encode(text, {})) result.push_back(tokenizer.piece(id));
  return result;
}

std::string normalised(std::string_view text, bool space_prefix, NormaliserOptions options) {
  return UnigramNormaliser::create({}, options).value().apply(text, space_prefix);
}

// A double array with its replacements behind, of keys that share no beginning.
std::string charsmap(const std::map<std::string, std::string>& rules) {
  std::vector<std::uint32_t> units(4'096, 0x80000000u | 1);  // a label that is no byte
  std::string replacements;
  std::uint32_t free = 512;
  units[0] = (free ^ 0) << 10;  // the children of the root lie from 512 on
  const std::uint32_t first = free;
  free += 256;
  for (const auto& [key, text] : rules) {
    std::uint32_t base = first;
    for (std::size_t at = 0; at < key.size(); ++at) {
      const std::uint32_t place = base ^ static_cast<std::uint8_t>(key[at]);
      const bool known = units[place] != (0x80000000u | 1);
      if (!known) {
        units[place] = (place ^ free) << 10 | static_cast<std::uint8_t>(key[at]);
        free += 256;
      }
      base = place ^ units[place] >> 10;
      if (at + 1 < key.size()) continue;
      units[place] |= 1u << 8;
      units[base] = 0x80000000u | static_cast<std::uint32_t>(replacements.size());
    }
    replacements += text + '\0';
  }
  const auto bytes = static_cast<std::uint32_t>(units.size() * sizeof units[0]);
  std::string blob(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  blob.append(reinterpret_cast<const char*>(units.data()), bytes);
  return blob + replacements;
}

}  // namespace

TEST_CASE("The cut with the highest sum of scores wins, not the longest token") {
  const Tokenizer tokenizer =
      t5_vocabulary({{"a", -1}, {"b", -1}, {"c", -1}, {"ab", -3}, {"bc", -1.5f}, {"abc", -4}})
          .load()
          .value();
  CHECK(pieces(tokenizer, "abc") == Pieces{"a", "bc"});
  CHECK(pieces(tokenizer, "ab") == Pieces{"a", "b"});
}

TEST_CASE("Of equal sums the one with the longer last token wins") {
  const Tokenizer tokenizer =
      t5_vocabulary({{"a", -1}, {"aa", -2}, {"b", -1}, {"ab", -2}}).load().value();
  CHECK(pieces(tokenizer, "aa") == Pieces{"aa"});
  CHECK(pieces(tokenizer, "aab") == Pieces{"a", "ab"});
}

TEST_CASE("Neighbours that no token covers are one unknown token") {
  const Tokenizer tokenizer = t5_vocabulary({{"a", -1}, {"\u2581", -2}}).load().value();
  CHECK(tokenizer.encode("axy\u4E2Da\xFFz", {}) == Ids{3, 2, 3, 2});
}

TEST_CASE("A vocabulary with bytes spells what no token covers, and loses nothing") {
  std::vector<test::ScoredToken> tokens = {{"a", -1}, {"\u2581", -2}};
  for (int byte = 0; byte < 256; ++byte) tokens.push_back({fmt::format("<0x{:02X}>", byte), 0, 6});
  const Tokenizer tokenizer = t5_vocabulary(tokens).load().value();
  CHECK(tokenizer.encode("a\u00E9", {}) == Ids{3, 5 + 0xC3, 5 + 0xA9});
  const std::string text = "a  b\xFF\u4E2D \n\t\u2603a ";
  CHECK(tokenizer.decode(tokenizer.encode(text, {})) == text);
}

TEST_CASE("A unigram vocabulary needs scores that can be added, and an unknown token") {
  CHECK(t5_vocabulary({{"a", -INFINITY}}).load().error().message.find("scores[3] is infinite") !=
        std::string::npos);
  auto nameless = t5_vocabulary({{"a", -1}});
  nameless.number("tokenizer.ggml.unknown_token_id", 0xFFFFFFFF);
  CHECK(nameless.load().error().message.find("unknown_token_id") != std::string::npos);
}

TEST_CASE("Random vocabularies give the best sum that trying all cuts finds") {
  for (std::uint64_t key = 0; key < 60; ++key) {
    std::map<std::string, float> scores;
    for (const char letter : {'a', 'b', 'c'}) scores[std::string(1, letter)] = -4;
    for (std::uint64_t i = 0; i < 12; ++i) {
      std::string text;
      for (std::uint64_t n = 0; n < 2 + philox64(key, i, 1) % 3; ++n) {
        text.push_back(static_cast<char>('a' + philox64(key, i, 2 + n) % 3));
      }
      scores[text] = -0.25f * static_cast<float>(1 + philox64(key, i, 9) % 40);
    }
    std::vector<test::ScoredToken> tokens;
    tokens.reserve(scores.size());
    for (const auto& [text, score] : scores) tokens.push_back({text, score});
    const Tokenizer tokenizer = t5_vocabulary(tokens).load().value();
    std::string text;
    for (std::uint64_t i = 0; i < 12; ++i) {
      text.push_back(static_cast<char>('a' + philox64(key, 100 + i, 0) % 3));
    }
    std::vector<double> best(text.size() + 1, -std::numeric_limits<double>::infinity());
    best[0] = 0;
    for (std::size_t end = 1; end <= text.size(); ++end) {
      for (std::size_t begin = 0; begin < end; ++begin) {
        const auto found = scores.find(text.substr(begin, end - begin));
        if (found != scores.end()) best[end] = std::max(best[end], best[begin] + found->second);
      }
    }
    double sum = 0;
    std::string joined;
    for (const std::string_view piece : pieces(tokenizer, text)) {
      sum += scores.at(std::string(piece));
      joined += piece;
    }
    CHECK(joined == text);
    CHECK(sum == best.back());
  }
}

TEST_CASE("The normaliser puts a space in front and makes runs of spaces one where asked") {
  const NormaliserOptions few = {.remove_extra_spaces = true};
  CHECK(normalised("  a  b ", true, few) == "\u2581a\u2581b");
  CHECK(normalised("   ", true, few).empty());
  CHECK(normalised("", true, few).empty());
  CHECK(normalised("a", true, {}) == "\u2581a");
  CHECK(normalised(" a  b ", true, {}) == "\u2581\u2581a\u2581\u2581b\u2581");
  CHECK(normalised(" a  b ", false, few) == "a\u2581b");
  CHECK(normalised(" a ", false, {.escape_spaces = false}) == " a ");
  CHECK(normalised("\xFFx\xE2\x82", false, {}) == "\uFFFDx\uFFFD\uFFFD");
  CHECK(normalised("\xFFx", false, {.keep_broken = true}) == "\xFFx");
}

TEST_CASE("As Hugging Face does it, one space may stay at either end, and is put where none is") {
  const NormaliserOptions plain = {.prefix_missing = true};
  CHECK(normalised("a", true, plain) == "\u2581a");
  CHECK(normalised("  a", true, plain) == "\u2581\u2581a");
  CHECK(normalised("\u2581a", true, plain) == "\u2581a");
  CHECK(normalised("", true, plain).empty());
  const NormaliserOptions few = {.remove_extra_spaces = true, .prefix_missing = true};
  CHECK(normalised("  a  b  ", false, few) == "\u2581a\u2581b");
  CHECK(normalised("a \n\u3000", false, few) == "a");
  const NormaliserOptions kept = {
      .remove_extra_spaces = true, .prefix_missing = true, .keep_last_space = true};
  CHECK(normalised("  a  b  ", true, kept) == "\u2581a\u2581b\u2581");
}

TEST_CASE("Spaces inside of what a character becomes are runs to Hugging Face alone") {
  const std::string table = charsmap({{"\u00BD", "1  2"}});
  const auto normalise = [&](bool prefix_missing) {
    const NormaliserOptions options = {.remove_extra_spaces = true,
                                       .prefix_missing = prefix_missing};
    return UnigramNormaliser::create(std::as_bytes(std::span(table)), options)
        .value()
        .apply("\u00BD", false);
  };
  CHECK(normalise(false) == "1\u2581\u25812");
  CHECK(normalise(true) == "1\u25812");
}

TEST_CASE("The model's table rewrites the longest beginning it knows") {
  const std::string table =
      charsmap({{"\uFF21", "A"}, {"e\u0301", "\u00E9"}, {"\t", " "}, {"\u200B", ""}});
  const auto normaliser =
      UnigramNormaliser::create(std::as_bytes(std::span(table)), {.remove_extra_spaces = true})
          .value();
  CHECK(normaliser.apply("\uFF21e\u0301e\u200B\tx\t \t", false) == "A\u00E9e\u2581x");
}

TEST_CASE("A table that is cut short or has no end is refused, never read beyond") {
  const std::string whole = charsmap({{"ab", "x"}});
  for (std::size_t bytes = 1; bytes < whole.size(); bytes += 61) {
    const std::string part = whole.substr(0, bytes);
    const auto made = UnigramNormaliser::create(std::as_bytes(std::span(part)), {});
    if (made) made->apply("abcab", false);
  }
  std::string endless = whole;
  endless.pop_back();
  CHECK_FALSE(UnigramNormaliser::create(std::as_bytes(std::span(endless)), {}));
  const std::string far = whole + std::string(kReplacementBytesMax + 1, 'y') + '\0';
  CHECK_FALSE(UnigramNormaliser::create(std::as_bytes(std::span(far)), {}));
}

}  // namespace pecia::kernels
