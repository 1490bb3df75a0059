#include "kernels/chronicle/lexer.hpp"

#include <algorithm>
#include <unordered_map>

#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte >= 0x80;
}

bool is_blank_byte(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Lexer {
 public:
  Lexer(std::string_view text, std::size_t first_line) : text_(text), line_(first_line) {}

  std::vector<Token> all() {
    while (skip_blanks(), at_ < text_.size()) add_token();
    return std::move(tokens_);
  }

 private:
  void skip_blanks() {
    int line_ends = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && is_blank_byte(text_[at_]); ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      ++line_ends;
    }
    space_before_ = at_ > begin;
    paragraph_before_ = line_ends >= 2;
  }

  void add_token() {
    const std::size_t begin = at_;
    const bool possessive = text_.substr(at_).starts_with("'s") && !space_before_ &&
                            (at_ + 2 == text_.size() || !is_word_byte(text_[at_ + 2]));
    Token token;
    if (possessive) {
      at_ += 2;
    } else if (is_word_byte(text_[at_])) {
      skip_word();
      token.words = 1;
    } else {
      ++at_;
    }
    token.text = text_.substr(begin, at_ - begin);
    token.line = line_;
    token.space_before = space_before_;
    token.paragraph_before = paragraph_before_;
    if (const auto fact = token.words == 1 ? fact_word(token.text) : std::nullopt) {
      token.fact = *fact;
      token.is_fact = true;
    }
    tokens_.push_back(token);
  }

  void skip_word() {
    while (at_ < text_.size()) {
      const bool hyphen =
          text_[at_] == '-' && at_ + 1 < text_.size() && is_word_byte(text_[at_ + 1]);
      if (!hyphen && !is_word_byte(text_[at_])) return;
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t line_, at_ = 0;
  bool space_before_ = false, paragraph_before_ = false;
  std::vector<Token> tokens_;
};

struct Phrase {
  std::vector<Token> tokens;
  int value;
  bool past;
};

using Phrases = std::unordered_map<std::string_view, std::vector<Phrase>>;

void add_phrases(Phrases& phrases, std::span<const std::string> texts, bool past) {
  for (std::size_t v = 0; v < texts.size(); ++v) {
    auto tokens = Lexer(texts[v], 1).all();
    const std::string_view first = tokens.front().text;
    phrases[first].push_back({std::move(tokens), static_cast<int>(v), past});
  }
}

// The promises by their first word, which no two of them share in one tense.
const Phrases& promise_phrases() {
  static const Phrases phrases = [] {
    Phrases made;
    add_phrases(made, inventory(Role::promise), false);
    add_phrases(made, promises_kept(), true);
    return made;
  }();
  return phrases;
}

const Phrase* promise_at(std::span<const Token> tokens) {
  const auto found = promise_phrases().find(tokens.front().text);
  if (found == promise_phrases().end()) return nullptr;
  for (const Phrase& phrase : found->second) {
    const std::size_t count = phrase.tokens.size();
    if (tokens.size() >= count &&
        std::equal(phrase.tokens.begin(), phrase.tokens.end(), tokens.begin(),
                   [](const Token& a, const Token& b) { return a.text == b.text; }))
      return &phrase;
  }
  return nullptr;
}

Token join(std::span<const Token> tokens, const Phrase& phrase) {
  Token whole = tokens.front();
  const Token& last = tokens[phrase.tokens.size() - 1];
  const std::size_t bytes =
      static_cast<std::size_t>(last.text.data() + last.text.size() - whole.text.data());
  whole.text = {whole.text.data(), bytes};
  whole.fact = {Role::promise, phrase.value};
  whole.is_fact = true;
  whole.past = phrase.past;
  whole.words = 0;
  for (const Token& token : tokens.first(phrase.tokens.size())) whole.words += token.words;
  return whole;
}

}  // namespace

std::vector<Token> lex(std::string_view text, std::size_t first_line) {
  const std::vector<Token> words = Lexer(text, first_line).all();
  std::vector<Token> tokens;
  tokens.reserve(words.size());
  for (std::span<const Token> rest = words; !rest.empty();) {
    const Phrase* phrase = promise_at(rest);
    tokens.push_back(phrase == nullptr ? rest.front() : join(rest, *phrase));
    rest = rest.subspan(phrase == nullptr ? 1 : phrase->tokens.size());
  }
  return tokens;
}

SentenceMark sentence_mark(const Token& token) {
  const char first = token.text.front();
  return {.ends = token.text == "." || token.text == "?" || token.text == "!",
          .quote = token.text == "\"",
          .space_before = token.space_before,
          .paragraph_before = token.paragraph_before,
          .lower_case = token.words == 0 || (first >= 'a' && first <= 'z')};
}

std::vector<std::size_t> sentence_ends(std::span<const SentenceMark> marks) {
  std::vector<std::size_t> ends;
  std::size_t begin = 0;
  const auto end_at = [&](std::size_t end) {
    if (end > begin) ends.push_back(end);
    begin = end;
  };
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i].paragraph_before) end_at(i);
    if (!marks[i].ends) continue;
    std::size_t next = i + 1;
    if (next < marks.size() && marks[next].quote && !marks[next].space_before) ++next;
    const bool goes_on = next < marks.size() && marks[next].lower_case && !marks[next].quote &&
                         !marks[next].paragraph_before;
    if (!goes_on) end_at(next);
  }
  end_at(marks.size());
  return ends;
}

}  // namespace pecia::kernels
