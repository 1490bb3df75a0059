// The pre-tokenizer patterns, word by word.

#include "kernels/text/pretokenize.hpp"

#include <algorithm>
#include <sstream>

#include "kernels/text/token_vectors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view style, std::string_view text) {
  const PretokenizerStyle* found = pretokenizer_style(style);
  REQUIRE(found);
  Words words = Pretokenizer(*found).split(text);
  std::string joined;
  for (const std::string_view word : words) joined += word;
  CHECK(joined == text);
  return words;
}

TEST_CASE("gpt-2 keeps a space with the word behind it and runs of digits whole") {
  CHECK(split("gpt-2", "Hello  world 1234!?") == Words{"Hello", " ", " world", " 1234", "!?"});
}

TEST_CASE("gpt-2 knows contractions in lower case only") {
  CHECK(split("gpt-2", "it's IT'S") == Words{"it", "'s", " IT", "'", "S"});
}

TEST_CASE("gpt-2 leaves the last of several spaces to the next word, and trailing ones together") {
  CHECK(split("gpt-2", "a \t\n b  ") == Words{"a", " \t\n", " b", "  "});
}

TEST_CASE("llama-bpe knows contractions in both cases and digits by threes") {
  CHECK(split("llama-bpe", "IT'S we'Ll 1234567") ==
        Words{"IT", "'S", " we", "'Ll", " ", "123", "456", "7"});
}

TEST_CASE("llama-bpe joins one sign to a word and newlines to what stands before") {
  CHECK(split("llama-bpe", "(apple)\n\n x\r\n \r\ny") ==
        Words{"(apple", ")\n\n", " x", "\r\n \r\n", "y"});
}

TEST_CASE("qwen2 takes every digit alone") {
  CHECK(split("qwen2", "'VE 12a") == Words{"'VE", " ", "1", "2", "a"});
}

TEST_CASE("starcoder cuts digits out first, so a space before one stays alone") {
  CHECK(split("starcoder", "a 12 b's") == Words{"a", " ", "1", "2", " b", "'s"});
}

TEST_CASE("deepseek-coder cuts every newline, and East Asian runs") {
  CHECK(split("deepseek-coder", "a\n\n,b 12 \xE2\x9C\x85\xE2\x9C\x85x") ==
        Words{"a", "\n", "\n", ",", "b", " ", "1", "2", " ", "\xE2\x9C\x85\xE2\x9C\x85", "x"});
}

TEST_CASE("deepseek-coder keeps an ideographic space out of East Asian runs") {
  CHECK(split("deepseek-coder", "\u2605\u3000\u2605") == Words{"\u2605", "\u3000", "\u2605"});
}

TEST_CASE("deepseek-llm knows the letters that its authors listed, and no others") {
  CHECK(split("deepseek-llm", "Hi \u00E9t\u00E9\u0561 \u043C\u043C") ==
        Words{"Hi", " \u00E9", "t", "\u00E9", "\u0561", " \u043C\u043C"});
}

TEST_CASE("deepseek-llm cuts lines, signs, spaces at the end, East Asian runs and numbers") {
  CHECK(split("deepseek-llm", "a\n ,;\uFF01\u3002 12\u4E2D\u6587  ") ==
        Words{"a", "\n", " ,;\uFF01", "\u3002", " ", "12", "\u4E2D\u6587", "  "});
}

TEST_CASE("deepseek-v3 takes a sign with the Latin word behind it and digits by threes") {
  CHECK(split("deepseek-v3", "#define x2 \u4E2D\u6587\u3042!\n") ==
        Words{"#define", " x", "2", " ", "\u4E2D\u6587\u3042", "!\n"});
}

TEST_CASE("tekken begins a word where a capital follows a small letter") {
  CHECK(split("tekken", "HTTPServer fooBar's 12/\n") ==
        Words{"HTTPServer", " foo", "Bar", "'s", " ", "1", "2", "/\n"});
}

TEST_CASE("gpt-4o keeps contractions with their word") {
  CHECK(split("gpt-4o", "It's 1234") == Words{"It's", " ", "123", "4"});
}

TEST_CASE("The long s counts as an s of a contraction, where case does not") {
  CHECK(split("llama-bpe", "it'\u017Fo") == Words{"it", "'\u017F", "o"});
  CHECK(split("gpt-2", "it'\u017Fo") == Words{"it", "'", "\u017Fo"});
}

TEST_CASE("falcon takes digits by threes and punctuation alone") {
  CHECK(split("falcon", " x=12345") == Words{" x", "=", "123", "45"});
}

TEST_CASE("default cuts punctuation, then digits by threes") {
  CHECK(split("default", "a, 'tis 12345") == Words{"a", ",", " ", "'", "tis", " ", "123", "45"});
}

TEST_CASE("Letters, digits and spaces of all scripts count as such") {
  CHECK(split("gpt-2", "\u00C4\u043D\u6211 \u0663\u00BD\u00A0\u00A0x") ==
        Words{"\u00C4\u043D\u6211", " \u0663\u00BD", "\u00A0", "\u00A0", "x"});
}

TEST_CASE("The Mongolian vowel separator is no white space") {
  CHECK(split("gpt-2", "a\u180E!") == Words{"a", "\u180E!"});
}

TEST_CASE("Bytes outside any character stay where they are and count as signs") {
  CHECK(split("gpt-2", "a\xFF\xE2\x82 b\xC3") == Words{"a", "\xFF\xE2\x82", " b", "\xC3"});
}

TEST_CASE("An unknown style is not there and an empty text has no words") {
  CHECK(pretokenizer_style("nonsense") == nullptr);
  CHECK(split("gpt-2", "").empty());
}

// Vectors without their vocabulary: every word is at least one token, and each word of digits is
// exactly one in these vocabularies.
TEST_CASE("Published token counts of other vocabularies bound the words") {
  const auto name = GENERATE(as<std::string>(), "llama-bpe", "qwen2");
  const std::string path = test::vocabulary_path(name);
  if (!std::filesystem::exists(path + ".inp")) PECIA_SKIP("no vectors beside the repository");
  const std::string input = test::read_file(path + ".inp");
  std::istringstream output(test::read_file(path + ".out"));
  std::string line;
  for (const std::string_view text : read_token_vectors(input)) {
    REQUIRE(std::getline(output, line));
    const auto tokens = static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
    const std::size_t words = split(name, text).size();
    CHECK(words <= tokens);
    if (text.starts_with("33")) CHECK(words == tokens);
  }
}

}  // namespace
}  // namespace pecia::kernels
