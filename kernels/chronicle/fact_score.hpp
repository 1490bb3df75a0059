#pragma once
// Judges a text in the language of the chronicles against its header: every value of a fact in it
// is a statement, and so is every sentence that implies who holds what or where the hero is, as
// far as that is certain. Any bytes are text. Time and memory are linear in the text.
// Pure, any thread.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/chronicle/facts.hpp"
#include "kernels/text/outline.hpp"

namespace pecia::kernels {

struct Contradiction {
  std::size_t line = 0;  // of the text, from 1
  std::string role;      // of the fact; "holder", "company" or "place" for the state
  std::string sentence;  // cut behind 200 bytes
  std::string said;
  std::string expected;  // "" where the header does not say
};

inline constexpr std::size_t kContradictionsMax = 10'000;  // a bound for hostile text

struct Tally {
  std::size_t stated = 0;
  std::size_t agreeing = 0;

  Tally& operator+=(const Tally& other) {
    stated += other.stated;
    agreeing += other.agreeing;
    return *this;
  }
};

// Roles of Facts in order, then the state: who holds the object and the gift, whether the companion
// is with the hero, where the hero is.
inline constexpr std::size_t kHolderTally = kRoleCount;
inline constexpr std::size_t kCompanyTally = kRoleCount + 1;
inline constexpr std::size_t kPlaceTally = kRoleCount + 2;
inline constexpr std::size_t kTallyCount = kRoleCount + 3;
std::string_view tally_name(std::size_t tally);

struct FactScore {
  std::array<Tally, kTallyCount> by_role;
  std::vector<Contradiction> contradictions;  // stated - agreeing, the first of them
  Tally pronouns;                             // of the hero, against the name; no part of the score
  std::size_t sentences = 0;                  // headings among them
  std::size_t unparsed_sentences = 0;
  std::size_t words = 0;
  std::size_t eight_grams = 0;            // runs of eight words, across sentences
  std::size_t duplicate_eight_grams = 0;  // that stood in the text before

  Tally facts() const;
  double score() const;  // agreeing / stated, 0 where nothing is stated
  double duplicate_rate() const;
  double per_thousand_words() const;
  // The other text's counts and contradictions behind this one's.
  FactScore& operator+=(const FactScore& other);
};

// The text before the first heading is its header and is not judged.
struct ScoredText {
  std::string_view text;
  const Facts& facts;
  // Its notes tell the state that a chapter of the same heading starts from. Without one the first
  // chapter of a tale ("# 1. ", and a number of chapters in the header) starts as every tale does;
  // else nothing is certain before it is said.
  const Outline* outline = nullptr;
};
FactScore score_facts(const ScoredText& scored);

// The lines before the first heading ("#" at the start of a line), without blank lines at the end.
// Empty where the text has no heading.
std::string_view preamble_of(std::string_view text);

}  // namespace pecia::kernels
