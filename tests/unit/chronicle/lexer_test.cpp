#include "kernels/chronicle/lexer.hpp"

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string joined(std::string_view text) {
  std::string line;
  for (const Token& token : lex(text, 1)) line += std::string(token.text) + "|";
  return line;
}

std::vector<std::string> sentences(std::string_view text) {
  const std::vector<Token> tokens = lex(text, 1);
  std::vector<SentenceMark> marks;
  marks.reserve(tokens.size());
  for (const Token& token : tokens) marks.push_back(sentence_mark(token));
  std::vector<std::string> found;
  std::size_t begin = 0;
  for (const std::size_t end : sentence_ends(marks)) {
    const char* last = tokens[end - 1].text.data() + tokens[end - 1].text.size();
    found.emplace_back(tokens[begin].text.data(), last);
    begin = end;
  }
  return found;
}

}  // namespace

TEST_CASE("words, marks and a possessive are tokens, an inner hyphen joins") {
  CHECK(joined("Mira's half-open door, \"Yes!\"") == "Mira|'s|half-open|door|,|\"|Yes|!|\"|");
  CHECK(joined("a--b -c 'so") == "a|-|-|b|-|c|'|so|");
}

TEST_CASE("a promise is one token in both tenses, and counts its words") {
  const auto tokens = lex("to plant an oak beside the well, and planted an oak beside the well", 1);
  REQUIRE(tokens.size() == 5);
  CHECK((tokens[1].is_fact && !tokens[1].past && tokens[1].words == 6));
  CHECK(tokens[1].text == "plant an oak beside the well");
  CHECK((tokens[4].is_fact && tokens[4].past));
  CHECK(tokens[1].fact.value == tokens[4].fact.value);
  CHECK(joined("plant an oak beside the wall") == "plant|an|oak|beside|the|wall|");
}

TEST_CASE("tokens know their line and their paragraph") {
  const auto tokens = lex("one\ntwo\n\nthree", 7);
  REQUIRE(tokens.size() == 3);
  CHECK((tokens[0].line == 7 && tokens[1].line == 8 && tokens[2].line == 10));
  CHECK((!tokens[1].paragraph_before && tokens[2].paragraph_before));
}

TEST_CASE("a sentence ends behind its quotation mark, and not where a small letter follows") {
  CHECK(sentences("\"Stop!\" cried Mira. \"Who goes?\" Nobody answered.") ==
        std::vector<std::string>{"\"Stop!\" cried Mira.", "\"Who goes?\"", "Nobody answered."});
  CHECK(sentences("One. Two") == std::vector<std::string>{"One.", "Two"});
  CHECK(sentences("no end\n\nNew one.") == std::vector<std::string>{"no end", "New one."});
}

TEST_CASE("any byte is lexed, none is lost and none is read twice") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::size_t at = 0;
  for (const Token& token : lex(bytes, 1)) {
    const auto begin = static_cast<std::size_t>(token.text.data() - bytes.data());
    CHECK(begin >= at);
    CHECK(bytes.find_first_not_of(" \t\r\n", at) == begin);
    at = begin + token.text.size();
  }
  CHECK(at == bytes.size());
}

}  // namespace pecia::kernels
