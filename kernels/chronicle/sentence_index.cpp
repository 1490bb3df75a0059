#include "kernels/chronicle/sentence_index.hpp"

#include <algorithm>
#include <array>

namespace pecia::kernels {

namespace {

constexpr std::size_t kSentenceTokensMax = 120;  // the longest of ours has about 60

bool same_words(std::span<const Token> phrase, std::span<const Token> sentence, std::size_t at) {
  return phrase.size() <= sentence.size() - at &&
         std::equal(phrase.begin(), phrase.end(), sentence.begin() + at,
                    [](const Token& a, const Token& b) { return a.text == b.text && !b.is_fact; });
}

// Every place of the script as tokens, in the order of Script::places.
std::vector<std::vector<Token>> place_phrases() {
  std::vector<std::vector<Token>> phrases;
  for (const std::string& place : script().places) phrases.push_back(lex(place, 1));
  return phrases;
}

std::string_view article_text(bool capital, bool an) {
  if (capital) return an ? "An" : "A";
  return an ? "an" : "a";
}

std::string capitalised(std::string_view word) {
  std::string text(word);
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

// What a match has found so far; undone by its sizes where a branch fails.
struct SentenceIndex::Reading {
  std::vector<FilledSlot> facts;
  int she = 0, he = 0;
  int place = kPlaceUnknown;
  bool sets_place = false;

  int agreeing(std::span<const Token> sentence) const {
    return static_cast<int>(std::count_if(facts.begin(), facts.end(), [&](const FilledSlot& slot) {
      return sentence[slot.token].fact.role == slot.role;
    }));
  }
};

SentenceIndex::SentenceIndex() {
  const auto& state_lines = script().pool("state").sentences;
  std::vector<bool> is_note(script().sentences.size(), false);
  for (const SentenceId id : state_lines) is_note[id] = true;
  for (std::size_t id = 0; id < script().sentences.size(); ++id)
    add_template(script().sentences[id], is_note[id]);
  index_units();
}

// Runs of literal tokens stay single elements, so that a sentence may end between any two.
std::vector<SentenceIndex::Element> SentenceIndex::elements_of(const Template& sentence) {
  std::vector<Element> elements;
  bool space = false;
  for (const Piece& piece : sentence.pieces) {
    if (piece.kind == Piece::Kind::words && piece.texts.size() == 1) {
      for (Token token : lex(piece.texts.front(), 1)) {
        token.space_before =
            token.space_before || (space && token.text.data() == piece.texts[0].data());
        elements.push_back({});
        elements.back().phrases = {{token}};
      }
      space = piece.texts.front().ends_with(' ');
      continue;
    }
    Element element{piece.kind,       piece.role, piece.pronoun, piece.article, piece.capital,
                    piece.sets_place, {}};
    for (const std::string& text : piece.texts) element.phrases.push_back(lex(text, 1));
    if (piece.kind == Piece::Kind::place) element.phrases = place_phrases();
    elements.push_back(std::move(element));
    space = false;
  }
  return elements;
}

SentenceMark SentenceIndex::mark_of(const Element& element) {
  switch (element.kind) {
    case Piece::Kind::words:
      return sentence_mark(element.phrases.front().front());
    case Piece::Kind::fact:
      return {.lower_case = element.article ? !element.capital : !is_name(element.role)};
    case Piece::Kind::pronoun:
      return {.lower_case = !element.capital};
    case Piece::Kind::promise_kept:
    case Piece::Kind::place:
      break;
  }
  return {.lower_case = true};
}

void SentenceIndex::add_template(const Template& sentence, bool is_note) {
  std::vector<Element> elements = elements_of(sentence);
  std::vector<SentenceMark> marks;
  marks.reserve(elements.size());
  for (const Element& element : elements) marks.push_back(mark_of(element));
  std::size_t begin = 0;
  for (const std::size_t end : sentence_ends(marks)) {
    Unit unit;
    unit.elements.assign(std::make_move_iterator(elements.begin() + begin),
                         std::make_move_iterator(elements.begin() + end));
    if (begin == 0) unit.needs = sentence.needs;
    if (end == elements.size()) unit.leaves = sentence.leaves;
    unit.is_note = is_note;
    units_.push_back(std::move(unit));
    begin = end;
  }
}

// A unit is filed under the literal word that the fewest units share.
void SentenceIndex::index_units() {
  std::unordered_map<std::string_view, std::size_t> uses;
  const auto literal = [](const Element& element) -> std::string_view {
    const bool fixed = element.kind == Piece::Kind::words && element.phrases.size() == 1;
    return fixed ? element.phrases.front().front().text : std::string_view();
  };
  for (const Unit& unit : units_) {
    for (const Element& element : unit.elements) ++uses[literal(element)];
  }
  for (std::size_t u = 0; u < units_.size(); ++u) {
    std::string_view rarest;
    for (const Element& element : units_[u].elements) {
      const std::string_view word = literal(element);
      if (!word.empty() && (rarest.empty() || uses[word] < uses[rarest])) rarest = word;
    }
    (rarest.empty() ? without_anchor_ : by_anchor_[rarest]).push_back(u);
  }
}

bool SentenceIndex::match_fact(const Element& element, std::span<const Token> sentence,
                               std::size_t& token, Reading& reading) {
  if (element.article) {
    const std::string_view text = sentence[token].text;
    if (text != article_text(element.capital, false) && text != article_text(element.capital, true))
      return false;
    if (++token == sentence.size()) return false;
  }
  const Token& value = sentence[token];
  const bool wants_past = element.kind == Piece::Kind::promise_kept;
  if (!value.is_fact || value.past != wants_past) return false;
  if ((value.fact.role == Role::promise) != (element.role == Role::promise)) return false;
  reading.facts.push_back({element.role, token++});
  return true;
}

bool SentenceIndex::match_pronoun(const Element& element, const Token& token, Reading& reading) {
  for (const bool she : {true, false}) {
    const std::string_view plain = pronoun_text(element.pronoun, she);
    const bool same = element.capital ? token.text == capitalised(plain) : token.text == plain;
    if (!same) continue;
    ++(she ? reading.she : reading.he);
    return true;
  }
  return false;
}

// Matches elements from `element` on against tokens from `token` on. Only alternatives branch, and
// a few of them: the depth is the number of elements.
bool SentenceIndex::match(const Unit& unit, std::size_t element, std::span<const Token> sentence,
                          std::size_t token, Reading& reading) {
  if (element == unit.elements.size()) return token == sentence.size();
  if (token == sentence.size()) return false;
  const Element& now = unit.elements[element];
  if (now.kind == Piece::Kind::pronoun)
    return match_pronoun(now, sentence[token], reading) &&
           match(unit, element + 1, sentence, token + 1, reading);
  if (now.kind == Piece::Kind::fact || now.kind == Piece::Kind::promise_kept)
    return match_fact(now, sentence, token, reading) &&
           match(unit, element + 1, sentence, token, reading);
  for (std::size_t p = 0; p < now.phrases.size(); ++p) {
    if (!same_words(now.phrases[p], sentence, token)) continue;
    Reading branch = reading;
    if (now.kind == Piece::Kind::place) {
      branch.place = static_cast<int>(p);
      branch.sets_place = now.sets_place;
    }
    if (!match(unit, element + 1, sentence, token + now.phrases[p].size(), branch)) continue;
    reading = std::move(branch);
    return true;
  }
  return false;
}

std::optional<Understood> SentenceIndex::understand(std::span<const Token> sentence) const {
  if (sentence.empty() || sentence.size() > kSentenceTokensMax) return std::nullopt;
  std::vector<std::size_t> candidates = without_anchor_;
  for (const Token& token : sentence) {
    const auto found = by_anchor_.find(token.text);
    if (found != by_anchor_.end())
      candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const Unit* best = nullptr;
  Reading best_reading;
  int best_agreeing = -1;
  for (const std::size_t u : candidates) {
    Reading reading;
    if (!match(units_[u], 0, sentence, 0, reading)) continue;
    const int agreeing = reading.agreeing(sentence);
    if (agreeing <= best_agreeing) continue;
    best = &units_[u];
    best_agreeing = agreeing;
    best_reading = std::move(reading);
  }
  if (best == nullptr) return std::nullopt;
  return Understood{
      std::move(best_reading.facts), best_reading.she, best_reading.he, best_reading.place,
      best_reading.sets_place,       best->is_note,    best->needs,     best->leaves};
}

const SentenceIndex& sentence_index() {
  static const SentenceIndex index;
  return index;
}

}  // namespace pecia::kernels
