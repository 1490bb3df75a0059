#pragma once
// Text cut into words, marks and facts, and tokens cut into sentences. Any bytes are text: what is
// no ASCII letter, digit, blank or mark belongs to a word that nothing knows. Linear time.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/chronicle/facts.hpp"

namespace pecia::kernels {

struct Token {
  std::string_view text;  // into the lexed text; a promise is one token with all its words
  FactWord fact{};        // if is_fact
  std::size_t line = 1;
  int words = 0;  // 0 for a mark, 1 for a word, more for a promise
  bool is_fact = false;
  bool past = false;  // a promise in the past tense
  bool space_before = false;
  bool paragraph_before = false;  // a blank line in front
};

// Words are runs of letters, digits and inner hyphens; "'s" behind a word is a token of its own.
std::vector<Token> lex(std::string_view text, std::size_t first_line);

// What decides where a sentence ends, of a token or of a piece of a template.
struct SentenceMark {
  bool ends = false;   // . ? or !
  bool quote = false;  // "
  bool space_before = false;
  bool paragraph_before = false;
  bool lower_case = false;  // begins with a small letter or is a mark
};
SentenceMark sentence_mark(const Token& token);

// Ends (one past the last token) of the sentences in order. A sentence ends behind . ? ! and a
// quotation mark that follows at once, unless the text goes on with a small letter; and at a blank
// line.
std::vector<std::size_t> sentence_ends(std::span<const SentenceMark> marks);

}  // namespace pecia::kernels
