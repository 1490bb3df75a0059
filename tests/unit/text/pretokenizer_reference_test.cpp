// The patterns against a plain second implementation, on the published texts and on random ones.

#include "tests/unit/text/pretokenizer_reference.hpp"

#include "kernels/base/philox.hpp"
#include "kernels/text/pretokenize.hpp"
#include "kernels/text/token_vectors.hpp"
#include "kernels/text/unicode.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Words = std::vector<std::string_view>;

constexpr const char* kStyles[] = {
    "gpt-2",  "mpt",     "llama-bpe", "qwen2",  "starcoder",      "refact",     "smollm",
    "falcon", "default", "tekken",    "gpt-4o", "deepseek-coder", "deepseek-v3"};

Words split(std::string_view style, std::string_view text) {
  return Pretokenizer(*pretokenizer_style(style)).split(text);
}

// PCRE2 and ICU may know different versions of Unicode; both know this one.
bool known_to_both(char32_t c) {
  UVersionInfo age = {};
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] >= 1 && age[0] <= 14 && (c < 0xD800 || c >= 0xE000);
}

// Text in which the rules meet: short runs of signs that matter, now and then anything at all.
std::string random_text(std::uint64_t key) {
  constexpr std::string_view kParts[] = {
      "a",       "B",          "z",          " ",
      " ",       "  ",         "\t",         "\n",
      "\r\n",    "\n\n",       "'",          "'s",
      "'LL",     "'t",         "'re",        "1",
      "23",      "4567",       "\u0663",     "\u00BD",
      "\u2163",  ".",          ",",          "!?",
      "(",       ")",          "_",          "/",
      "$",       "+",          "=",          "^",
      "~",       "|",          "`",          "-",
      "\u00A0",  "\u3000",     "\u2028",     "\u0085",
      "\u00E9",  "\u00C9",     "\u0301",     "\u01C5",
      "\u02B0",  "\u4E2D",     "\u3042",     "\u30A2",
      "\uD55C",  "\u3002",     "\uFF01",     "\u2018",
      "\u180E",  "\u200B",     "\uFFFD",     "\u017F",
      "'\u017F", "\U0001F600", "\U00010400", "\U0001D7D8",
      "\xFF",    "\xE2\x82",   "\u20AC",     "\u0660\u0661\u0662\u0663"};
  std::string text;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::uint64_t draw = philox64(key, i, 0);
    if (draw % 8 != 0) {
      text += kParts[(draw >> 8) % std::size(kParts)];
      continue;
    }
    const auto c = static_cast<char32_t>((draw >> 8) % ((draw >> 40) % 3 == 0 ? 0x110000 : 0x3100));
    if (c > 0 && known_to_both(c)) text += utf8(c);
  }
  return text;
}

}  // namespace

TEST_CASE("Every pattern cuts the published texts as its plain reading does") {
  const std::string path = test::vocabulary_path("llama-bpe") + ".inp";
  if (!std::filesystem::exists(path)) PECIA_SKIP("no vectors beside the repository");
  const std::string input = test::read_file(path);
  for (const char* style : kStyles) {
    INFO(style);
    for (const std::string_view text : read_token_vectors(input)) {
      REQUIRE(split(style, text) == test::split_by(test::reference_of(style), text));
    }
  }
}

TEST_CASE("Every pattern cuts random text as its plain reading does") {
  for (const char* style : kStyles) {
    const auto reference = test::reference_of(style);
    REQUIRE_FALSE(reference.empty());
    for (std::uint64_t key = 0; key < 400; ++key) {
      const std::string text = random_text(key);
      INFO(style << " on " << text);
      REQUIRE(split(style, text) == test::split_by(reference, text));
    }
  }
}

}  // namespace pecia::kernels
