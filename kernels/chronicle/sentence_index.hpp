#pragma once
// Understands what the teller can say: every sentence of every template, found by its rarest word
// and matched with its slots open. A slot takes the value of any role, so that a wrong one is still
// read, and read as wrong.
// Thread rule: immutable, any thread.

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/script.hpp"

namespace pecia::kernels {

// A slot of the matched sentence and the token that fills it.
struct FilledSlot {
  Role role;
  std::size_t token;  // index into the sentence
};

struct Understood {
  std::vector<FilledSlot> facts;
  int pronouns_she = 0, pronouns_he = 0;
  int place = kPlaceUnknown;  // the place it names, if any
  bool sets_place = false;    // it brings the hero there; else the hero must be there
  bool is_note = false;       // a line of state from the outline's notes
  std::span<const StateTag> needs, leaves;
};

class SentenceIndex {
 public:
  SentenceIndex();  // over script()

  // The reading whose slots agree best with the roles of their values; nothing where no template
  // says this. Time: a bounded number of templates, each linear in the tokens.
  std::optional<Understood> understand(std::span<const Token> sentence) const;

  std::size_t size() const { return units_.size(); }  // sentences of templates

 private:
  // An element of a sentence: one of these phrases, or a slot.
  struct Element {
    Piece::Kind kind = Piece::Kind::words;
    Role role{};
    Pronoun pronoun{};
    bool article = false, capital = false, sets_place = false;
    std::vector<std::vector<Token>> phrases;  // of words: one or the alternatives; of place: all
  };
  struct Unit {
    std::vector<Element> elements;
    std::vector<StateTag> needs, leaves;
    bool is_note = false;
  };
  struct Reading;

  void add_template(const Template& sentence, bool is_note);
  void index_units();
  static std::vector<Element> elements_of(const Template& sentence);
  static SentenceMark mark_of(const Element& element);
  static bool match(const Unit& unit, std::size_t element, std::span<const Token> sentence,
                    std::size_t token, Reading& reading);
  static bool match_fact(const Element& element, std::span<const Token> sentence,
                         std::size_t& token, Reading& reading);
  static bool match_pronoun(const Element& element, const Token& token, Reading& reading);

  std::vector<Unit> units_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_anchor_;
  std::vector<std::size_t> without_anchor_;
};

const SentenceIndex& sentence_index();

}  // namespace pecia::kernels
