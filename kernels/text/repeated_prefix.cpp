#include "kernels/text/repeated_prefix.hpp"

#include <unicode/uchar.h>

#include <cassert>
#include <cstdint>

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/prefix_automaton.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kCharacterBytes = 4;  // of the longest one

// Where the character that ends at `end` begins. REQUIRES end > 0.
std::size_t begin_of_last(std::string_view text, std::size_t end) {
  for (std::size_t bytes = 2; bytes <= kCharacterBytes && bytes <= end; ++bytes) {
    const Utf8Run run = utf8_run(text, end - bytes);
    if (run.whole() && run.length == bytes) return end - bytes;
  }
  return end - 1;
}

bool is_inside_character(std::string_view text, std::size_t at) {
  for (std::size_t back = 1; back < kCharacterBytes && back <= at; ++back) {
    const Utf8Run run = utf8_run(text, at - back);
    if (run.whole() && run.length > back) return true;
  }
  return false;
}

// REQUIRES at < text.size().
UChar32 character_at(std::string_view text, std::size_t at) {
  return static_cast<UChar32>(code_points(text.substr(at, kCharacterBytes)).front());
}

int cluster_class(UChar32 c) { return u_getIntPropertyValue(c, UCHAR_GRAPHEME_CLUSTER_BREAK); }

// Stricter than Unicode Annex 29 where that would need more than the two: any two flags stay
// together.
bool in_one_cluster(UChar32 a, UChar32 b) {
  const int left = cluster_class(a), right = cluster_class(b);
  return right == U_GCB_EXTEND || right == U_GCB_ZWJ || right == U_GCB_SPACING_MARK ||
         left == U_GCB_ZWJ || left == U_GCB_PREPEND || (left == U_GCB_CR && right == U_GCB_LF) ||
         (left == U_GCB_REGIONAL_INDICATOR && right == U_GCB_REGIONAL_INDICATOR);
}

bool is_of_a_word(UChar32 c) {
  constexpr std::uint32_t kWord = U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_PC_MASK;
  return (U_GET_GC_MASK(c) & kWord) != 0;
}

// Of a script whose words have no space between them.
bool needs_no_space(UChar32 c) {
  const int line_break = u_getIntPropertyValue(c, UCHAR_LINE_BREAK);
  return line_break == U_LB_IDEOGRAPHIC || line_break == U_LB_COMPLEX_CONTEXT ||
         line_break == U_LB_CONDITIONAL_JAPANESE_STARTER || line_break == U_LB_NONSTARTER;
}

bool between_words(UChar32 a, UChar32 b) {
  if (in_one_cluster(a, b)) return false;
  if (!is_of_a_word(a) || !is_of_a_word(b)) return true;
  return needs_no_space(a) || needs_no_space(b);
}

bool is_between_words(std::string_view text, std::size_t at) {
  if (at == 0 || at == text.size()) return true;
  if (is_inside_character(text, at)) return false;
  return between_words(character_at(text, begin_of_last(text, at)), character_at(text, at));
}

}  // namespace

std::string_view last_characters(std::string_view text, std::size_t characters) {
  std::size_t begin = text.size();
  for (; characters > 0 && begin > 0; --characters) begin = begin_of_last(text, begin);
  return text.substr(begin);
}

// As much as can be repeated, and the character behind it.
std::size_t repeat_decided_by(std::string_view before) { return before.size() + kCharacterBytes; }

std::size_t repeated_prefix(std::string_view before, std::string_view text) {
  text = text.substr(0, repeat_decided_by(before));
  const PrefixAutomaton beginning(text.substr(0, before.size()));
  std::size_t repeated = 0;
  for (const char byte : before) repeated = beginning.step(repeated, byte);
  assert(repeated <= before.size());
  while (repeated > 0 && !(is_between_words(text, repeated) &&
                           is_between_words(before, before.size() - repeated))) {
    repeated = beginning.shorter(repeated);
  }
  return repeated;
}

}  // namespace pecia::kernels
