#include "kernels/text/metrics/rouge.hpp"

#include <algorithm>
#include <set>

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/metrics/lcs.hpp"
#include "kernels/text/metrics/ngrams.hpp"
#include "kernels/text/metrics/porter.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kStemmedBytesMin = 4;

bool is_word_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

RougeScore score_of(std::uint64_t shared, std::uint64_t reference, std::uint64_t hypothesis) {
  if (shared == 0) return {};
  RougeScore score;
  score.precision = static_cast<double>(shared) / static_cast<double>(hypothesis);
  score.recall = static_cast<double>(shared) / static_cast<double>(reference);
  score.f = 2 * score.precision * score.recall / (score.precision + score.recall);
  return score;
}

using Sentence = std::vector<NgramId>;

std::vector<Sentence> sentences_of(std::string_view text, bool stem, NgramTable& table) {
  std::vector<Sentence> sentences;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    sentences.push_back(table.words(rouge_words(text.substr(at, end - at), stem)));
    at = end + 1;
  }
  return sentences;
}

Sentence joined(const std::vector<Sentence>& sentences) {
  Sentence words;
  for (const Sentence& sentence : sentences) {
    words.insert(words.end(), sentence.begin(), sentence.end());
  }
  return words;
}

std::set<std::size_t> union_places(const Sentence& sentence, const std::vector<Sentence>& others) {
  std::set<std::size_t> places;
  for (const Sentence& other : others) {
    const std::vector<std::size_t> found = lcs_places(sentence, other);
    places.insert(found.begin(), found.end());
  }
  return places;
}

}  // namespace

std::vector<std::string> rouge_words(std::string_view text, bool stem) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty())
      words.push_back(stem && word.size() >= kStemmedBytesMin ? porter_stem(word) : word);
    word.clear();
  };
  for (const char c : lower_case(text)) {
    if (is_word_letter(c)) {
      word.push_back(c);
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

RougeScore rouge_n(std::string_view reference, std::string_view hypothesis, int n, bool stem) {
  NgramTable table;
  const auto ngrams_of = [&](std::string_view text) {
    return table.ngrams(table.words(rouge_words(text, stem)), n);
  };
  const std::vector<NgramId> expected = ngrams_of(reference), found = ngrams_of(hypothesis);
  return score_of(overlap(count_ids(expected), count_ids(found)), expected.size(), found.size());
}

RougeScore rouge_l(std::string_view reference, std::string_view hypothesis, bool stem) {
  NgramTable table;
  const std::vector<NgramId> expected = table.words(rouge_words(reference, stem));
  const std::vector<NgramId> found = table.words(rouge_words(hypothesis, stem));
  return score_of(lcs_length(expected, found), expected.size(), found.size());
}

RougeScore rouge_l_sum(std::string_view reference, std::string_view hypothesis, bool stem) {
  NgramTable table;
  const std::vector<Sentence> expected = sentences_of(reference, stem, table);
  const std::vector<Sentence> found = sentences_of(hypothesis, stem, table);
  const Sentence expected_words = joined(expected), found_words = joined(found);
  std::vector<std::uint64_t> left = count_ids(found_words);
  std::uint64_t shared = 0;
  for (const Sentence& sentence : expected) {
    for (const std::size_t place : union_places(sentence, found)) {
      const NgramId word = sentence[place];
      if (left[word] == 0) continue;
      --left[word];
      ++shared;
    }
  }
  return score_of(shared, expected_words.size(), found_words.size());
}

}  // namespace pecia::kernels
