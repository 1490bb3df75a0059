#include "kernels/text/metrics/meteor.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/metrics/porter.hpp"

namespace pecia::kernels {
namespace {

struct PlacedWord {
  std::size_t place = 0;
  std::string text;
};

using Match = std::pair<std::size_t, std::size_t>;  // places in hypothesis and reference

std::vector<PlacedWord> lower_words(std::span<const std::string> words) {
  std::vector<PlacedWord> placed;
  for (const std::string& word : words) placed.push_back({placed.size(), lower_case(word)});
  return placed;
}

// From the end on, each word of the hypothesis takes the last free one of the reference that is
// equal. Both lists keep what found none, in order.
void match_equal(std::vector<PlacedWord>& hypothesis, std::vector<PlacedWord>& reference,
                 std::vector<Match>& matches) {
  std::unordered_map<std::string, std::vector<std::size_t>> free;  // indices of `reference`
  for (std::size_t i = 0; i < reference.size(); ++i) free[reference[i].text].push_back(i);
  std::vector<bool> taken(reference.size());
  std::vector<PlacedWord> left;
  for (std::size_t i = hypothesis.size(); i-- > 0;) {
    const auto found = free.find(hypothesis[i].text);
    if (found == free.end() || found->second.empty()) {
      left.push_back(std::move(hypothesis[i]));
      continue;
    }
    const std::size_t j = found->second.back();
    found->second.pop_back();
    taken[j] = true;
    matches.emplace_back(hypothesis[i].place, reference[j].place);
  }
  std::reverse(left.begin(), left.end());
  hypothesis = std::move(left);
  std::vector<PlacedWord> rest;
  for (std::size_t j = 0; j < reference.size(); ++j) {
    if (!taken[j]) rest.push_back(std::move(reference[j]));
  }
  reference = std::move(rest);
}

void stem_all(std::vector<PlacedWord>& words) {
  for (PlacedWord& word : words) word.text = porter_stem(word.text);
}

// Runs of matches that are neighbours in both texts. REQUIRES one match or more, sorted.
std::size_t count_chunks(const std::vector<Match>& matches) {
  std::size_t chunks = 1;
  for (std::size_t i = 1; i < matches.size(); ++i) {
    const auto [before, its_match] = matches[i - 1];
    if (matches[i] != Match(before + 1, its_match + 1)) ++chunks;
  }
  return chunks;
}

double power(double base, int exponent) {
  double result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

}  // namespace

double meteor(std::span<const std::string> reference, std::span<const std::string> hypothesis,
              const MeteorParameters& parameters) {
  std::vector<PlacedWord> expected = lower_words(reference), found = lower_words(hypothesis);
  std::vector<Match> matches;
  match_equal(found, expected, matches);
  stem_all(found);
  stem_all(expected);
  match_equal(found, expected, matches);
  if (matches.empty()) return 0;
  std::sort(matches.begin(), matches.end());
  const auto count = static_cast<double>(matches.size());
  const double precision = count / static_cast<double>(hypothesis.size());
  const double recall = count / static_cast<double>(reference.size());
  const double mean =
      precision * recall / (parameters.alpha * precision + (1 - parameters.alpha) * recall);
  const double fragments = static_cast<double>(count_chunks(matches)) / count;
  return mean * (1 - parameters.gamma * power(fragments, parameters.beta));
}

}  // namespace pecia::kernels
