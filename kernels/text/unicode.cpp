#include "kernels/text/unicode.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cassert>

namespace pecia::kernels {

std::size_t unfinished_utf8(std::string_view text) {
  for (std::size_t tail = 1; tail <= std::min<std::size_t>(3, text.size()); ++tail) {
    const Utf8Run run = utf8_run(text, text.size() - tail);
    if (run.length > 0) return run.bytes == tail && !run.whole() ? tail : 0;
  }
  return 0;
}

std::string utf8(char32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

char32_t code_point(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character.front());
  if (character.size() == 1) return first;
  char32_t c = first & (0x7F >> character.size());
  for (const char tail : character.substr(1)) c = c << 6 | (static_cast<std::uint8_t>(tail) & 0x3F);
  return c;
}

bool is_unicode_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

bool is_word_character(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  constexpr std::uint32_t kMarksAndMore = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_isUAlphabetic(point) || (U_MASK(u_charType(point)) & kMarksAndMore) != 0 ||
         u_hasBinaryProperty(point, UCHAR_JOIN_CONTROL);
}

char32_t character_before(std::string_view text, std::size_t at) {
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(4, at); ++bytes) {
    const Utf8Run run = utf8_run(text, at - bytes);
    if (run.whole() && run.length == bytes) return code_point(text.substr(at - bytes, bytes));
  }
  return 0;
}

char32_t character_at(std::string_view text, std::size_t at) {
  const Utf8Run run = at < text.size() ? utf8_run(text, at) : Utf8Run{};
  return run.whole() ? code_point(text.substr(at, run.length)) : 0;
}

std::size_t next_ink(std::string_view text, std::size_t at) {
  while (at < text.size() && is_unicode_space(character_at(text, at))) {
    at += utf8_run(text, at).length;
  }
  return at;
}

std::size_t behind_last_ink(std::string_view text, std::size_t from, std::size_t at) {
  while (at > from) {
    const char32_t before = character_before(text, at);
    if (!is_unicode_space(before)) break;
    at -= utf8(before).size();
  }
  return at;
}

namespace {

std::string composed_characters(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  assert(U_SUCCESS(error));
  if (nfc->isNormalizedUTF8(piece, error)) return std::string(text);
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  nfc->normalizeUTF8(0, piece, sink, nullptr, error);
  assert(U_SUCCESS(error));
  return result;
}

}  // namespace

std::string composed(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t whole = std::min(first_broken_utf8(text), text.size());
    result += composed_characters(text.substr(0, whole));
    const std::size_t broken = std::min<std::size_t>(1, text.size() - whole);
    result += text.substr(whole, broken);
    text.remove_prefix(whole + broken);
  }
  return result;
}

}  // namespace pecia::kernels
