#include "kernels/text/pretokenize.hpp"

#include <array>
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

// The patterns as llama.cpp publishes them (src/llama-vocab.cpp). None repeats a group, so that
// matching needs no stack, and none rescans a run of characters from each of its places.
constexpr const char* kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kLlama3Words =
    R"('[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2Words =
    R"('[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// U+0800..U+9FA5 and Hangul without the white space among them, which the reference hides first.
constexpr const char* kEastAsianRun =
    R"([\x{800}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E})"
    R"(\x{2060}-\x{2FFF}\x{3001}-\x{9FA5}\x{AC00}-\x{D7FF}]+)";

constexpr const char* kDefault[] = {R"([\p{P}$+<=>^~|]+)", kGpt2Words, R"(\p{N}+)",
                                    "[0-9][0-9][0-9]"};
constexpr const char* kGpt2[] = {kGpt2Words};
constexpr const char* kLlama3[] = {kLlama3Words};
constexpr const char* kQwen2[] = {kQwen2Words};
constexpr const char* kStarcoder[] = {R"(\p{N})", kGpt2Words};
constexpr const char* kFalcon[] = {R"([\p{P}$+<=>^~|`]+)", kGpt2Words, "[0-9][0-9][0-9]"};
constexpr const char* kDeepseekCoder[] = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                                          kEastAsianRun, R"(\p{N})"};

struct NamedStyle {
  std::string_view name;
  PretokenizerStyle style;
};

constexpr NamedStyle kStyles[] = {
    {"default", {kDefault}},
    {"gpt-2", {kGpt2}},
    {"phi-2", {kGpt2}},
    {"mpt", {kGpt2}},
    {"olmo", {kGpt2}},
    {"jais", {kGpt2}},
    {"llama-bpe", {kLlama3, true, true}},
    {"llama3", {kLlama3, true, true}},
    {"llama-v3", {kLlama3, true, true}},
    {"falcon3", {kLlama3, true, true}},
    {"pixtral", {kLlama3, true, true}},
    {"dbrx", {kLlama3}},
    {"smaug-bpe", {kLlama3}},
    {"chatglm-bpe", {kLlama3}},
    {"glm4", {kLlama3}},
    {"qwen2", {kQwen2}},
    {"deepseek-r1-qwen", {kQwen2}},
    {"stablelm2", {kQwen2}},
    {"megrez", {kQwen2}},
    {"starcoder", {kStarcoder}},
    {"refact", {kStarcoder}},
    {"command-r", {kStarcoder}},
    {"smollm", {kStarcoder}},
    {"codeshell", {kStarcoder}},
    {"exaone", {kStarcoder}},
    {"minerva-7b", {kStarcoder}},
    {"falcon", {kFalcon}},
    {"deepseek-coder", {kDeepseekCoder}},
};

// The same bytes in the same places, but well-formed for PCRE2: a byte outside any character
// becomes U+0001, which every pattern treats as it treats U+FFFD, and U+180E becomes U+200B, since
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

const PretokenizerStyle* pretokenizer_style(std::string_view name) {
  for (const NamedStyle& named : kStyles) {
    if (named.name == name) return &named.style;
  }
  return nullptr;
}

std::string pretokenizer_names() {
  std::string names;
  for (const NamedStyle& named : kStyles) {
    names.append(names.empty() ? "" : ", ").append(named.name);
  }
  return names;
}

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
