#include "kernels/text/pretokenize.hpp"

#include <cassert>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

// The same bytes in the same places, but well-formed for PCRE2: a byte outside any character
// becomes U+0001, a sign to every pattern, and U+180E becomes U+200B, since
// PCRE2 still counts the Mongolian vowel separator as white space and Unicode no longer does.
std::string matchable(std::string_view text) {
  std::string copy(text);
  for (std::size_t at = 0; at < copy.size();) {
    const Utf8Run run = utf8_run(copy, at);
    if (!run.whole()) copy[at] = '\x01';
    if (copy.compare(at, 3, "\u180E") == 0) copy.replace(at, 3, "\u200B");
    at += run.whole() ? run.length : 1;
  }
  return copy;
}

struct MatchState {
  MatchState() {
    assert(match && context);
    // Every pattern is linear in the text, so the limits meant for hostile patterns are lifted.
    pcre2_set_match_limit(context, std::numeric_limits<std::uint32_t>::max());
    pcre2_set_heap_limit(context, std::numeric_limits<std::uint32_t>::max());
  }
  ~MatchState() {
    pcre2_match_data_free(match);
    pcre2_match_context_free(context);
  }
  MatchState(const MatchState&) = delete;
  MatchState& operator=(const MatchState&) = delete;

  pcre2_match_data* match = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
};

}  // namespace

struct Pretokenizer::Pattern {
  explicit Pattern(const char* text) {
    int error = 0;
    PCRE2_SIZE place = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text), PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP, &error, &place, nullptr);
    assert(code && "the patterns are constants of this file");
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no JIT, pcre2_match interprets
  }
  ~Pattern() { pcre2_code_free(code); }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // The limits are lifted and the subject is well-formed: without a match only memory can fail.
  bool finds(PCRE2_SPTR subject, std::size_t bytes, std::size_t from, MatchState& state) const {
    const int found =
        pcre2_match(code, subject, bytes, from, PCRE2_NO_UTF_CHECK, state.match, state.context);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH) throw std::bad_alloc();
    return found > 0;
  }

  // Appends to `ends` where the pieces of text[begin, end) end. The pattern sees this piece only.
  void cut(std::string_view text, std::size_t begin, std::size_t end, MatchState& state,
           std::vector<std::size_t>& ends) const {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() + begin);
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(state.match);
    std::size_t done = 0;
    while (begin + done < end && finds(subject, end - begin, done, state)) {
      if (found[0] > done) ends.push_back(begin + found[0]);
      ends.push_back(begin + found[1]);
      done = found[1];
    }
    if (begin + done < end) ends.push_back(end);
  }

  pcre2_code* code = nullptr;
};

Pretokenizer::Pretokenizer(const PretokenizerStyle& style) {
  for (const char* pattern : style.patterns) {
    patterns_.push_back(std::make_shared<const Pattern>(pattern));
  }
}

std::vector<std::string_view> Pretokenizer::split(std::string_view text) const {
  if (text.empty()) return {};
  const std::string masked = matchable(text);
  MatchState state;
  std::vector<std::size_t> ends{text.size()};
  for (const auto& pattern : patterns_) {
    std::vector<std::size_t> finer;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      pattern->cut(masked, begin, end, state, finer);
      begin = end;
    }
    ends = std::move(finer);
  }
  std::vector<std::string_view> words;
  words.reserve(ends.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) words.push_back(text.substr(begin, end - begin)), begin = end;
  return words;
}

}  // namespace pecia::kernels
