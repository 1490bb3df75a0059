#include "kernels/text/metrics/characters.hpp"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

bool has_category(char32_t character, std::uint32_t mask) {
  return (U_GET_GC_MASK(static_cast<UChar32>(character)) & mask) != 0;
}

}  // namespace

std::u32string code_points(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Run run = utf8_run(text, at);
    characters.push_back(run.whole() ? code_point(text.substr(at, run.length)) : U'\uFFFD');
    at += run.whole() ? run.length : 1;
  }
  return characters;
}

std::string utf8_text(std::u32string_view characters) {
  std::string text;
  for (const char32_t character : characters) text += utf8(character);
  return text;
}

bool is_white_space(char32_t character) {
  return (character >= 0x1C && character <= 0x1F) || is_unicode_space(character);
}

bool is_number(char32_t character) { return has_category(character, U_GC_N_MASK); }
bool is_punctuation(char32_t character) { return has_category(character, U_GC_P_MASK); }
bool is_symbol(char32_t character) { return has_category(character, U_GC_S_MASK); }

std::string lower_case(std::string_view text) {
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  std::string lower;
  icu::UnicodeString::fromUTF8(piece).toLower(icu::Locale::getRoot()).toUTF8String(lower);
  return lower;
}

std::vector<std::string> split_words(std::u32string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_white_space(text[end])) ++end;
    if (end > at) words.push_back(utf8_text(text.substr(at, end - at)));
    at = end + 1;
  }
  return words;
}

std::vector<std::string> split_words(std::string_view text) {
  return split_words(std::u32string_view(code_points(text)));
}

}  // namespace pecia::kernels
