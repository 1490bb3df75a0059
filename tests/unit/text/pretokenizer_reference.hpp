#pragma once
// The pre-tokenizer patterns a second time, slow and plain: each alternative of each regular
// expression as a few lines over code points, with the classes of ICU instead of those of PCRE2.

#include <unicode/uchar.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/utf8.hpp"

namespace pecia::kernels::test {

struct Text {
  std::u32string c;             // bytes outside any character as U+0001
  std::vector<std::size_t> at;  // where each begins, and the end
};

inline Text code_points(std::string_view bytes) {
  Text text;
  for (std::size_t at = 0; at < bytes.size();) {
    const Utf8Run run = utf8_run(bytes, at);
    char32_t c = 1;
    if (run.whole()) {
      c = static_cast<std::uint8_t>(bytes[at]);
      if (run.length > 1) c &= 0x7Fu >> run.length;
      for (std::size_t i = 1; i < run.length; ++i) c = c << 6 | (bytes[at + i] & 0x3F);
    }
    text.c.push_back(c);
    text.at.push_back(at);
    at += run.whole() ? run.length : 1;
  }
  text.at.push_back(bytes.size());
  return text;
}

using Class = std::function<bool(char32_t)>;
inline Class in(std::uint32_t mask) {
  return [mask](char32_t c) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0; };
}
inline const Class kLetter = in(U_GC_L_MASK), kNumber = in(U_GC_N_MASK), kMark = in(U_GC_M_MASK),
                   kPunctuation = in(U_GC_P_MASK), kSymbol = in(U_GC_S_MASK);
inline bool is_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }
inline bool is_break(char32_t c) { return c == '\r' || c == '\n'; }
inline Class any(std::vector<Class> classes) {
  return [classes = std::move(classes)](char32_t c) {
    for (const Class& one : classes) {
      if (one(c)) return true;
    }
    return false;
  };
}
inline Class no(const Class& one) {
  return [one](char32_t c) { return !one(c); };
}
inline Class one_of(std::u32string set) {
  return [set = std::move(set)](char32_t c) { return set.find(c) != set.npos; };
}
inline Class between(char32_t low, char32_t high) {
  return [low, high](char32_t c) { return c >= low && c <= high; };
}

// A piece of text: what a pattern sees. A rule gives the length of its match at i, or 0.
using Piece = std::u32string_view;
using Rule = std::function<std::size_t(Piece, std::size_t)>;

inline std::size_t run(Piece text, std::size_t i, const Class& one,
                       std::size_t most = std::u32string::npos) {
  std::size_t n = 0;
  while (n < most && i + n < text.size() && one(text[i + n])) ++n;
  return n;
}
// [one]?[many]+ as greedy as it is written
inline Rule maybe_then(const Class& one, const Class& many,
                       std::size_t most = std::u32string::npos) {
  return [=](Piece text, std::size_t i) -> std::size_t {
    if (run(text, i, one, 1) == 1) {
      if (const std::size_t n = run(text, i + 1, many, most)) return n + 1;
    }
    return run(text, i, many, most);
  };
}
inline Rule many(const Class& one, std::size_t most = std::u32string::npos) {
  return [=](Piece text, std::size_t i) { return run(text, i, one, most); };
}
inline Rule then_run(const Rule& first, const Class& tail) {
  return [=](Piece text, std::size_t i) {
    const std::size_t n = first(text, i);
    return n == 0 ? 0 : n + run(text, i + n, tail);
  };
}
inline Rule contraction(bool any_case) {
  return [any_case](Piece text, std::size_t i) -> std::size_t {
    for (const std::u32string_view known : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
      std::size_t same = 0;
      while (same < known.size() && i + same < text.size()) {
        const auto c = static_cast<UChar32>(text[i + same]);
        const auto folded = any_case ? u_foldCase(c, U_FOLD_CASE_DEFAULT) : c;
        if (folded != static_cast<UChar32>(known[same])) break;
        ++same;
      }
      if (same == known.size()) return same;
    }
    return 0;
  };
}
// \s*[\r\n]+
inline std::size_t breaks(Piece text, std::size_t i) {
  const std::size_t n = run(text, i, is_space);
  for (std::size_t last = n; last > 0; --last) {
    if (is_break(text[i + last - 1])) return last;
  }
  return 0;
}
// \s+(?!\S)|\s+
inline std::size_t spaces(Piece text, std::size_t i) {
  const std::size_t n = run(text, i, is_space);
  return n > 1 && i + n < text.size() ? n - 1 : n;
}
inline std::size_t trailing(Piece text, std::size_t i) {  // \s+$
  const std::size_t n = run(text, i, is_space);
  return i + n == text.size() ? n : 0;
}

using Pattern = std::vector<Rule>;  // alternatives

inline const Class kBlank = one_of(U" "), kSign = no(any({is_space, kLetter, kNumber}));
inline const Pattern kGpt2Reference = {contraction(false), maybe_then(kBlank, kLetter),
                                       maybe_then(kBlank, kNumber), maybe_then(kBlank, kSign),
                                       spaces};
inline Pattern llama3_reference(std::size_t digits) {
  return {contraction(true),
          maybe_then(no(any({is_break, kLetter, kNumber})), kLetter),
          many(kNumber, digits),
          then_run(maybe_then(kBlank, kSign), is_break),
          breaks,
          spaces};
}
// [^\r\n\p{L}\p{N}]? then capitals and small letters, at least one of the second kind or, where
// there is none, of the first.
inline Rule capitalised(bool small_needed) {
  return [small_needed](Piece text, std::size_t i) -> std::size_t {
    static const Class upper = in(U_GC_LU_MASK | U_GC_LT_MASK | U_GC_LM_MASK | U_GC_LO_MASK |
                                  U_GC_M_MASK),
                       lower = in(U_GC_LL_MASK | U_GC_LM_MASK | U_GC_LO_MASK | U_GC_M_MASK),
                       lead = no(any({is_break, kLetter, kNumber}));
    for (const std::size_t led : {run(text, i, lead, 1), std::size_t{0}}) {
      for (std::size_t first = run(text, i + led, upper) + 1; first-- > 0;) {
        const std::size_t rest = run(text, i + led + first, lower);
        if (small_needed ? rest > 0 : first > 0) return led + first + rest;
      }
    }
    return 0;
  };
}
inline Rule maybe_contracted(const Rule& word) {
  return [word](Piece text, std::size_t i) {
    const std::size_t n = word(text, i);
    return n == 0 ? 0 : n + contraction(true)(text, i + n);
  };
}
inline const Class kEastAsian = [](char32_t c) {
  const bool range = (c >= 0x800 && c <= 0x9FA5) || (c >= 0xAC00 && c <= 0xD7FF);
  return range && !is_space(c);
};
// The letters that deepseek-llm lists: of Lu, Ll, Lt those its authors' Unicode knew.
inline const Class kSpace = is_space;

inline std::vector<Pattern> reference_of(std::string_view style) {
  const Pattern threes = {[](Piece text, std::size_t i) -> std::size_t {
    return run(text, i, between('0', '9'), 3) == 3 ? 3 : 0;
  }};
  const Pattern digit = {many(kNumber, 1)};
  const Pattern lines = {many(is_break, 1)};
  if (style == "gpt-2" || style == "mpt") return {kGpt2Reference};
  if (style == "llama-bpe") return {llama3_reference(3)};
  if (style == "qwen2") return {llama3_reference(1)};
  if (style == "starcoder" || style == "refact" || style == "smollm")
    return {digit, kGpt2Reference};
  if (style == "falcon")
    return {{many(any({kPunctuation, one_of(U"$+<=>^~|`")}))}, kGpt2Reference, threes};
  if (style == "default")
    return {
        {many(any({kPunctuation, one_of(U"$+<=>^~|")}))}, kGpt2Reference, {many(kNumber)}, threes};
  if (style == "deepseek-coder")
    return {lines,
            {maybe_then(kSpace, kLetter)},
            {maybe_then(kSpace, kPunctuation)},
            {many(kEastAsian)},
            digit};
  if (style == "tekken")
    return {{capitalised(true), capitalised(false), many(kNumber, 1),
             then_run(maybe_then(kBlank, kSign), one_of(U"\r\n/")), breaks, spaces}};
  if (style == "gpt-4o")
    return {{maybe_contracted(capitalised(true)), maybe_contracted(capitalised(false)),
             many(kNumber, 3), then_run(maybe_then(kBlank, kSign), one_of(U"\r\n/")), breaks,
             spaces}};
  if (style == "deepseek-v3") {
    const Class latin = any({between('A', 'Z'), between('a', 'z')});
    const Rule signed_word = [latin](Piece text, std::size_t i) -> std::size_t {
      const bool sign = text[i] > ' ' && text[i] < 0x7F && u_ispunct(text[i]) != 0;
      const bool symbol = one_of(U"$+<=>^`|~")(text[i]);
      const std::size_t n = sign || symbol ? run(text, i + 1, latin) : 0;
      return n == 0 ? 0 : n + 1;
    };
    const Class other = no(any({is_break, kLetter, kPunctuation, kSymbol}));
    return {{many(kNumber, 3)},
            {many(any({between(0x4E00, 0x9FA5), between(0x3040, 0x30FF)}))},
            {signed_word, maybe_then(other, any({kLetter, kMark})),
             then_run(maybe_then(kBlank, any({kPunctuation, kSymbol})), is_break), breaks, spaces}};
  }
  return {};
}

inline std::vector<std::string_view> split_by(const std::vector<Pattern>& patterns,
                                              std::string_view bytes) {
  const Text text = code_points(bytes);
  std::vector<std::size_t> ends{text.c.size()};
  for (const Pattern& pattern : patterns) {
    std::vector<std::size_t> finer;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      const Piece piece = Piece(text.c).substr(begin, end - begin);
      std::size_t done = 0;
      for (std::size_t i = 0; i < piece.size();) {
        std::size_t n = 0;
        for (const Rule& rule : pattern) {
          if ((n = rule(piece, i)) > 0) break;
        }
        if (n == 0) {
          ++i;
          continue;
        }
        if (i > done) finer.push_back(begin + i);
        finer.push_back(begin + (done = i += n));
      }
      if (done < piece.size()) finer.push_back(end);
      begin = end;
    }
    ends = std::move(finer);
  }
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    words.push_back(bytes.substr(text.at[begin], text.at[end] - text.at[begin]));
    begin = end;
  }
  return words;
}

}  // namespace pecia::kernels::test
