#include "kernels/text/metrics/bleu_words.hpp"

#include "kernels/text/metrics/characters.hpp"

namespace pecia::kernels {
namespace {

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    result.append(text.substr(at, found - at));
    if (found == text.npos) return result;
    result.append(to);
    at = found + from.size();
  }
}

template <class Is>
std::u32string set_apart(std::u32string_view text, const Is& is) {
  std::u32string result;
  for (const char32_t c : text) {
    if (is(c)) {
      result.append({U' ', c, U' '});
    } else {
      result.push_back(c);
    }
  }
  return result;
}

// Where two neighbours are a first and a second, spaces come around the one that is the mark. As a
// regular expression replaces: from the left, and what was taken once is not looked at again.
enum class Mark : std::uint8_t { first, second };

template <class First, class Second>
std::u32string set_pairs_apart(std::u32string_view text, Mark mark, const First& first,
                               const Second& second) {
  std::u32string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at + 1 == text.size() || !first(text[at]) || !second(text[at + 1])) {
      result.push_back(text[at]);
      continue;
    }
    if (mark == Mark::first) result.push_back(U' ');
    result.append({text[at], U' ', text[at + 1]});
    if (mark == Mark::second) result.push_back(U' ');
    ++at;
  }
  return result;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_no_digit(char32_t c) { return !is_digit(c); }
bool is_no_number(char32_t c) { return !is_number(c); }
bool is_stop(char32_t c) { return c == U'.' || c == U','; }
bool is_dash(char32_t c) { return c == U'-'; }

// ASCII marks but ' , - and .
bool is_ascii_mark(char32_t c) {
  return (c >= U' ' && c <= U'&') || (c >= U'(' && c <= U'+') || c == U'/' ||
         (c >= U':' && c <= U'@') || (c >= U'[' && c <= U'`') || (c >= U'{' && c <= U'~');
}

std::u32string cut_13a(std::string_view segment) {
  std::string line = " ";
  line.append(segment).append(" ");
  constexpr std::string_view kReplacements[][2] = {{"<skipped>", ""}, {"-\n", ""},    {"\n", " "},
                                                   {"&quot;", "\""},  {"&amp;", "&"}, {"&lt;", "<"},
                                                   {"&gt;", ">"}};
  for (const auto& [from, to] : kReplacements) line = replaced(line, from, to);
  std::u32string text = set_apart(code_points(line), is_ascii_mark);
  text = set_pairs_apart(text, Mark::second, is_no_digit, is_stop);
  text = set_pairs_apart(text, Mark::first, is_stop, is_no_digit);
  return set_pairs_apart(text, Mark::second, is_digit, is_dash);
}

std::u32string cut_international(std::string_view segment) {
  std::u32string text = code_points(segment);
  text = set_pairs_apart(text, Mark::second, is_no_number, is_punctuation);
  text = set_pairs_apart(text, Mark::first, is_punctuation, is_no_number);
  return set_apart(text, is_symbol);
}

std::u32string cut(std::string_view segment, BleuTokenizer tokenizer) {
  switch (tokenizer) {
    case BleuTokenizer::mteval_13a:
      return cut_13a(segment);
    case BleuTokenizer::international:
      return cut_international(segment);
    case BleuTokenizer::character:
      return set_apart(code_points(segment), [](char32_t) { return true; });
    case BleuTokenizer::none:
      break;
  }
  return code_points(segment);
}

// A mark at the very end stands before no character that is no number.
std::string without_space_at_end(std::string_view segment) {
  std::u32string text = code_points(segment);
  while (!text.empty() && is_white_space(text.back())) text.pop_back();
  return utf8_text(text);
}

}  // namespace

std::string_view name_of(BleuTokenizer tokenizer) {
  constexpr std::string_view kNames[] = {"none", "13a", "intl", "char"};
  return kNames[static_cast<std::size_t>(tokenizer)];
}

std::vector<std::string> bleu_words(std::string_view segment, BleuTokenizer tokenizer,
                                    bool lowercase) {
  const std::string line = lowercase ? lower_case(segment) : std::string(segment);
  return split_words(std::u32string_view(cut(without_space_at_end(line), tokenizer)));
}

}  // namespace pecia::kernels
