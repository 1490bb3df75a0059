#include "kernels/chronicle/template.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

constexpr std::array<std::pair<std::string_view, StateKey>, kStateKeyCount> kKeys = {
    {{"o", StateKey::object}, {"g", StateKey::gift}, {"c", StateKey::company}}};

constexpr std::array<std::pair<std::string_view, StateValue>, 7> kValues = {
    {{"away", StateValue::away},
     {"hero", StateValue::hero},
     {"rival", StateValue::rival},
     {"mentor", StateValue::mentor},
     {"gone", StateValue::gone},
     {"with", StateValue::with},
     {"lost", StateValue::lost}}};

template <class Table>
auto find_in(const Table& table, std::string_view name) {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [&](const auto& entry) { return entry.first == name; });
  assert(found != table.end());
  return found->second;
}

void add_tag(Template& sentence, std::string_view tag) {
  const std::size_t colon = tag.find(':');
  if (colon == tag.npos) return sentence.moods.emplace_back(tag), void();
  const bool leaves = tag.starts_with('>');
  const std::string_view key = tag.substr(leaves ? 1 : 0, colon - (leaves ? 1 : 0));
  auto& tags = leaves ? sentence.leaves : sentence.needs;
  tags.push_back({find_in(kKeys, key), find_in(kValues, tag.substr(colon + 1))});
}

std::optional<Piece> pronoun_piece(std::string_view name) {
  const bool capital = name.starts_with('H');
  const std::string_view rest = name.substr(1);
  Piece piece{.kind = Piece::Kind::pronoun, .capital = capital};
  if (!capital && !name.starts_with('h')) return std::nullopt;
  if (rest == "e") return piece.pronoun = Pronoun::he, piece;
  if (rest == "im") return piece.pronoun = Pronoun::him, piece;
  if (rest == "is") return piece.pronoun = Pronoun::his, piece;
  return std::nullopt;
}

Piece slot_piece(std::string_view name) {
  if (const auto pronoun = pronoun_piece(name)) return *pronoun;
  if (name == "where" || name == ">where")
    return {.kind = Piece::Kind::place, .sets_place = name.starts_with('>')};
  if (name == "promised") return {.kind = Piece::Kind::promise_kept, .role = Role::promise};
  Piece piece{.kind = Piece::Kind::fact};
  piece.capital = name.starts_with("A ");
  piece.article = piece.capital || name.starts_with("a ");
  const auto role = role_named(piece.article ? name.substr(2) : name);
  assert(role.has_value());
  piece.role = *role;
  return piece;
}

Piece braced_piece(std::string_view inside) {
  if (inside.find('|') == inside.npos) return slot_piece(inside);
  Piece piece;
  for (const std::string_view alternative : split(inside, '|'))
    piece.texts.emplace_back(alternative);
  return piece;
}

int count_words(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), ' '));
}

// A promise and a place are phrases of about so many words more than their slot.
int extra_words(const Piece& piece) {
  if (piece.kind == Piece::Kind::place) return 2;
  return piece.kind != Piece::Kind::words && piece.role == Role::promise ? 5 : 0;
}

std::string_view article_for(std::string_view word) {
  const bool vowel = std::string_view("aeiou").find(word.front()) != word.npos;
  return vowel || word.starts_with("hour") ? "an" : "a";
}

std::string fact_text(const Piece& piece, const Facts& facts) {
  const std::string& value = facts.text(piece.role);
  if (!piece.article) return value;
  std::string article(article_for(value));
  if (piece.capital) article[0] = 'A';
  return article + ' ' + value;
}

std::string piece_text(const Piece& piece, const Filling& filling, Draws& draws) {
  switch (piece.kind) {
    case Piece::Kind::words:
      return piece.texts.size() == 1 ? piece.texts.front() : draws.pick(piece.texts);
    case Piece::Kind::fact:
      return fact_text(piece, filling.facts);
    case Piece::Kind::promise_kept:
      return promises_kept()[static_cast<std::size_t>(filling.facts[Role::promise])];
    case Piece::Kind::place:
      return std::string(piece.sets_place ? filling.next_place : filling.place);
    case Piece::Kind::pronoun:
      break;
  }
  std::string word(pronoun_text(piece.pronoun, is_she(filling.facts[Role::hero])));
  if (piece.capital) word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

}  // namespace

Template parse_template(std::string_view text) {
  Template sentence;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    assert(close != text.npos);
    for (const auto tag : split(text.substr(1, close - 1), ' ')) add_tag(sentence, tag);
    text = trim(text.substr(close + 1));
  }
  sentence.words = 1 + count_words(text);
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    if (open > 0) sentence.pieces.push_back(Piece{.texts = {std::string(text.substr(0, open))}});
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('}');
    assert(close != text.npos);
    sentence.pieces.push_back(braced_piece(text.substr(1, close - 1)));
    sentence.words += extra_words(sentence.pieces.back());
    // Only one alternative is spoken.
    if (const auto& texts = sentence.pieces.back().texts; !texts.empty())
      sentence.words -= count_words(text.substr(0, close)) - count_words(texts.front());
    text.remove_prefix(close + 1);
  }
  return sentence;
}

std::string render(const Template& sentence, const Filling& filling, Draws& draws) {
  std::string text;
  for (const Piece& piece : sentence.pieces) text += piece_text(piece, filling, draws);
  return text;
}

std::string_view pronoun_text(Pronoun pronoun, bool she) {
  switch (pronoun) {
    case Pronoun::he:
      return she ? "she" : "he";
    case Pronoun::him:
      return she ? "her" : "him";
    case Pronoun::his:
      break;
  }
  return she ? "her" : "his";
}

}  // namespace pecia::kernels
