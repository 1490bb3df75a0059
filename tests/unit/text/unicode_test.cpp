// What Unicode says of characters, by examples of its own tables.
#include "kernels/text/unicode.hpp"

#include "tests/catch.hpp"

using namespace pecia::kernels;

TEST_CASE("a code point and its bytes are two writings of one character") {
  for (const char32_t c : {U'a', U'\u00E9', U'\u20AC', U'\U0001F600', U'\U0010FFFF'}) {
    CHECK(code_point(utf8(c)) == c);
  }
}

TEST_CASE("white space and the characters of words are Unicode's") {
  for (const char32_t c : {U' ', U'\t', U'\n', U'\u0085', U'\u00A0', U'\u2009', U'\u3000'}) {
    CHECK(is_unicode_space(c));
  }
  for (const char32_t c : {U'a', U'\u200B', U'\u2581', U'\0'}) CHECK(!is_unicode_space(c));
  for (const char32_t c : {U'a', U'Z', U'7', U'_', U'\u00E9', U'\u0301', U'\u4E2D', U'\u0663'}) {
    CHECK(is_word_character(c));
  }
  for (const char32_t c : {U' ', U'-', U'.', U'\u20AC', U'\0'}) CHECK(!is_word_character(c));
}

TEST_CASE("characters are composed, and bytes that are none stay as they are") {
  CHECK(composed("") == "");
  CHECK(composed("plain") == "plain");
  CHECK(composed("e\u0301") == "\u00E9");
  CHECK(composed("\u1100\u1161\u11A8") == "\uAC01");              // Hangul
  CHECK(composed("\u212B") == "\u00C5");                          // a singleton
  CHECK(composed("a\u0323\u0307") == composed("a\u0307\u0323"));  // order of marks
  CHECK(composed("e\xFF\u0301") == "e\xFF\u0301");
  CHECK(composed("\xE2\x82"
                 "e\u0301\xF0") == "\xE2\x82\u00E9\xF0");
}
