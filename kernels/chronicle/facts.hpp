#pragma once
// The facts of a chronicle: one value a role, each from an inventory that shares no word with any
// other, so that a word alone tells its role. Values are single words, a promise is a phrase with
// two forms. Pure functions; the inventories live as long as the program.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/chronicle/draws.hpp"

namespace pecia::kernels {

enum class Role : std::uint8_t {
  hero,
  trade,  // of the hero
  companion,
  colour,  // of the companion
  kind,    // of animal the companion is
  home,
  season,
  quality,  // of the object
  object,
  landmark,  // where the object lies
  mentor,
  gift,  // from the mentor
  rival,
  promise,
};
inline constexpr std::size_t kRoleCount = 14;

std::string_view role_name(Role role);
// The role of that name, as "{hero}" in a scene means it.
std::optional<Role> role_named(std::string_view name);
bool is_name(Role role);  // a person, an animal or a place: written with a capital letter

std::span<const std::string> inventory(Role role);
std::span<const std::string> promises_kept();  // inventory(Role::promise) in the past tense
bool is_she(int hero);                         // the pronouns follow from the name

// What a single word says, if it is a value of a role (never a promise).
struct FactWord {
  Role role;
  int value;  // index into inventory(role)
};
std::optional<FactWord> fact_word(std::string_view word);

struct Facts {
  std::string title;  // free text, may be empty
  int chapters = 0;   // 0 where the header does not say
  // "1. The house of Agnes; 2. On the moor": free text, may be empty. It tells a writer of the
  // whole in one stream, who sees no outline, which chapters are still to come.
  std::string contents;
  std::array<int, kRoleCount> values{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

  int operator[](Role role) const { return values[static_cast<std::size_t>(role)]; }
  int& operator[](Role role) { return values[static_cast<std::size_t>(role)]; }
  bool knows(Role role) const { return (*this)[role] >= 0; }
  const std::string& text(Role role) const {
    return inventory(role)[static_cast<std::size_t>((*this)[role])];
  }
};

// The header: one line a fact or group of facts ("Hero: Mira, a weaver"), no line end behind the
// last. A line whose facts are not all known is left out.
std::string header_text(const Facts& facts);
// The other way. Any subset of the lines in any order is a header; an unknown key, a line that does
// not hold the facts of its key, a repeated key or no line at all is refused with its line number.
Expected<Facts> parse_header(std::string_view preamble);

enum class Split : std::uint8_t { train, held_out };

// About one header in twenty. Three pairs are judged: hero with rival, companion with kind and
// colour, home with object. So a held-out header holds a pair that training never sees together,
// names assigned to roles among them. REQUIRES those roles known.
bool is_held_out(const Facts& facts);

// Facts of that split with all roles known; title and chapters are left open.
Facts draw_facts(Draws& draws, Split split);

// Every word a tokenizer must keep whole: the names, the other values, the words of the promises.
// Sorted, each once.
std::vector<std::string> chronicle_words();

}  // namespace pecia::kernels
