#pragma once
// A sentence template as the scenes write it, ready to be filled in. One text serves both ways:
// rendered it is the chronicle, matched (sentence_index.hpp) it is understood.
//
//   {hero} {quality}     the value of that fact
//   {a kind} {A trade}   with its article
//   {promise} {promised} to do, done
//   {he} {him} {his} {He} {His}   the hero's pronouns
//   {where} {>where}     the place where the hero is; where the hero is from now on
//   {old|very old}       one of these, literally
//   [o:hero >g:gone sun] in front: the state it needs, the state it leaves, its weather or season;
//                        o object, g gift, c company

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/chronicle/draws.hpp"
#include "kernels/chronicle/state.hpp"

namespace pecia::kernels {

enum class Pronoun : std::uint8_t { he, him, his };

struct Piece {
  enum class Kind : std::uint8_t { words, fact, promise_kept, pronoun, place };

  Kind kind = Kind::words;
  Role role{};
  Pronoun pronoun{};
  bool article = false;                 // "a" or "an" in front
  bool capital = false;                 // of the article or pronoun
  bool sets_place = false;              // {>where}
  std::vector<std::string> texts = {};  // words: one text, or the alternatives
};

struct Template {
  std::vector<Piece> pieces;
  std::vector<StateTag> needs;
  std::vector<StateTag> leaves;
  std::vector<std::string> moods;  // weathers or seasons, any of which it wants; empty: always
  int words = 0;                   // about
};

// REQUIRES the syntax above; the scenes are ours, a wrong one is a bug that stops at an assert.
Template parse_template(std::string_view text);

struct Filling {
  const Facts& facts;           // all roles that the template names are known
  std::string_view place;       // where the hero is
  std::string_view next_place;  // where {>where} brings the hero
};
std::string render(const Template& sentence, const Filling& filling, Draws& draws);

std::string_view pronoun_text(Pronoun pronoun, bool she);

}  // namespace pecia::kernels
