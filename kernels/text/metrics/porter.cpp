#include "kernels/text/metrics/porter.hpp"

#include <algorithm>
#include <span>

namespace pecia::kernels {
namespace {

struct Replacement {
  std::string_view from, to;
};

constexpr Replacement kIrregular[] = {
    {"sky", "sky"},        {"skies", "sky"},       {"dying", "die"},        {"lying", "lie"},
    {"tying", "tie"},      {"news", "news"},       {"innings", "inning"},   {"inning", "inning"},
    {"outings", "outing"}, {"outing", "outing"},   {"cannings", "canning"}, {"canning", "canning"},
    {"howe", "howe"},      {"proceed", "proceed"}, {"exceed", "exceed"},    {"succeed", "succeed"}};

// Given what stands before it: y is a vowel behind a consonant.
bool is_consonant(char letter, bool behind_consonant) {
  if (letter == 'y') return !behind_consonant;
  return std::string_view("aeiou").find(letter) == std::string_view::npos;
}

bool is_consonant(std::string_view word, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && word[begin] == 'y') --begin;
  bool consonant = false;
  for (std::size_t i = begin; i <= at; ++i) consonant = is_consonant(word[i], consonant);
  return consonant;
}

// How often a consonant follows a vowel, runs of either taken as one: m in the paper.
int measure(std::string_view stem) {
  int count = 0;
  bool before = true;
  for (std::size_t i = 0; i < stem.size(); ++i) {
    const bool consonant = is_consonant(stem[i], i > 0 && before);
    if (consonant && !before) ++count;
    before = consonant;
  }
  return count;
}

bool has_vowel(std::string_view stem) {
  bool before = false;
  for (const char letter : stem) {
    before = is_consonant(letter, before);
    if (!before) return true;
  }
  return false;
}

bool ends_double(std::string_view word) {
  const std::size_t size = word.size();
  return size >= 2 && word[size - 1] == word[size - 2] && is_consonant(word, size - 1);
}

// Consonant, vowel, consonant other than w, x and y; or a word of a vowel and a consonant.
bool ends_short(std::string_view word) {
  const std::size_t size = word.size();
  if (size < 2 || !is_consonant(word, size - 1) || is_consonant(word, size - 2)) return false;
  if (size == 2) return true;
  return is_consonant(word, size - 3) && std::string_view("wxy").find(word.back()) == word.npos;
}

std::string_view without(std::string_view word, std::size_t bytes) {
  return word.substr(0, word.size() - bytes);
}

// The first suffix that the word has decides: it is replaced where the stem's measure is above
// `above`, else the word stays.
std::string replace_suffix(std::string_view word, std::span<const Replacement> rules, int above) {
  for (const auto& [from, to] : rules) {
    if (!word.ends_with(from)) continue;
    const std::string_view stem = without(word, from.size());
    return measure(stem) > above ? std::string(stem).append(to) : std::string(word);
  }
  return std::string(word);
}

std::string drop_plural(std::string_view word) {
  if (word.ends_with("sses")) return std::string(without(word, 2));
  if (word.ends_with("ies")) return std::string(without(word, word.size() == 4 ? 1 : 2));
  if (word.ends_with("s") && !word.ends_with("ss")) return std::string(without(word, 1));
  return std::string(word);
}

// What -ed or -ing has left gets back its e, or loses a doubled letter.
std::string mend(std::string_view stem) {
  for (const std::string_view end : {"at", "bl", "iz"}) {
    if (stem.ends_with(end)) return std::string(stem) + "e";
  }
  if (ends_double(stem)) {
    const bool stays = std::string_view("lsz").find(stem.back()) != stem.npos;
    return std::string(stays ? stem : without(stem, 1));
  }
  if (measure(stem) == 1 && ends_short(stem)) return std::string(stem) + "e";
  return std::string(stem);
}

std::string drop_past(std::string_view word) {
  if (word.ends_with("ied")) return std::string(without(word, word.size() == 4 ? 1 : 2));
  if (word.ends_with("eed")) {
    return std::string(measure(without(word, 3)) > 0 ? without(word, 1) : word);
  }
  for (const std::string_view end : {"ed", "ing"}) {
    if (!word.ends_with(end)) continue;
    const std::string_view stem = without(word, end.size());
    if (has_vowel(stem)) return mend(stem);
  }
  return std::string(word);
}

std::string turn_y(std::string_view word) {
  if (!word.ends_with('y') || word.size() < 3 || !is_consonant(word, word.size() - 2)) {
    return std::string(word);
  }
  return std::string(without(word, 1)) + "i";
}

std::string shorten_double_suffix(std::string_view word) {
  constexpr Replacement kRules[] = {
      {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"},
      {"izer", "ize"},    {"bli", "ble"},     {"fulli", "ful"},   {"entli", "ent"},
      {"eli", "e"},       {"ousli", "ous"},   {"ization", "ize"}, {"ation", "ate"},
      {"ator", "ate"},    {"alism", "al"},    {"iveness", "ive"}, {"fulness", "ful"},
      {"ousness", "ous"}, {"aliti", "al"},    {"iviti", "ive"},   {"biliti", "ble"}};
  if (word.ends_with("alli")) {  // -al is looked at once more
    if (measure(without(word, 4)) == 0) return std::string(word);
    return shorten_double_suffix(without(word, 2));
  }
  if (word.ends_with("logi")) {  // the l belongs to the stem: geologi, theologi
    return std::string(measure(without(word, 3)) > 0 ? without(word, 1) : word);
  }
  return replace_suffix(word, kRules, 0);
}

std::string shorten_suffix(std::string_view word) {
  constexpr Replacement kRules[] = {{"icate", "ic"}, {"ative", ""},  {"alize", "al"},
                                    {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""},
                                    {"ness", ""}};
  return replace_suffix(word, kRules, 0);
}

std::string drop_suffix(std::string_view word) {
  constexpr Replacement kRules[] = {
      {"al", ""},   {"ance", ""}, {"ence", ""},  {"er", ""},   {"ic", ""},  {"able", ""},
      {"ible", ""}, {"ant", ""},  {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ou", ""},
      {"ism", ""},  {"ate", ""},  {"iti", ""},   {"ous", ""},  {"ive", ""}, {"ize", ""}};
  if (word.ends_with("sion") || word.ends_with("tion")) {
    const std::string_view stem = without(word, 3);
    return std::string(measure(stem) > 1 ? stem : word);
  }
  return replace_suffix(word, kRules, 1);
}

std::string drop_final_e(std::string_view word) {
  if (!word.ends_with('e')) return std::string(word);
  const std::string_view stem = without(word, 1);
  const int count = measure(stem);
  return std::string(count > 1 || (count == 1 && !ends_short(stem)) ? stem : word);
}

std::string single_l(std::string_view word) {
  return std::string(word.ends_with("ll") && measure(without(word, 1)) > 1 ? without(word, 1)
                                                                           : word);
}

}  // namespace

std::string porter_stem(std::string_view word) {
  const auto irregular =
      std::find_if(std::begin(kIrregular), std::end(kIrregular),
                   [word](const Replacement& entry) { return entry.from == word; });
  if (irregular != std::end(kIrregular)) return std::string(irregular->to);
  if (word.size() <= 2) return std::string(word);
  std::string stem(word);
  for (const auto step : {drop_plural, drop_past, turn_y, shorten_double_suffix, shorten_suffix,
                          drop_suffix, drop_final_e, single_l}) {
    stem = step(stem);
  }
  return stem;
}

}  // namespace pecia::kernels
