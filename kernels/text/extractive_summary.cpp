#include "kernels/text/extractive_summary.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/slice_units.hpp"
#include "kernels/text/visible_text.hpp"

namespace pecia::kernels {
namespace {

using Weight = std::uint64_t;  // 32 bits behind the point, below 1

constexpr Weight kWeightMax = 0xFFFFFFFF;
constexpr int kUsesMax = 2;  // of a word, until it weighs nothing
// In fewer than these a word may be in most sentences and still be what the text is about.
constexpr std::size_t kManySentences = 16;

struct Sentence {
  std::string_view text;                      // without white space at its ends
  std::string_view joint;                     // what joins it to the next
  std::size_t first_word = 0, last_word = 0;  // [first, last)
};

std::string_view joint_of(std::string_view white_space) {
  if (white_space.empty()) return "";
  return white_space.find('\n') == white_space.npos ? " " : "\n";
}

// Finds where a text's sentences end, and cuts those that have too many words.
class SentenceCutter {
 public:
  SentenceCutter(std::string_view text, const std::vector<TextSlice>& words)
      : text_(text), words_(words) {}

  std::vector<Sentence> cut(const std::vector<std::size_t>& ends) && {
    for (const std::size_t end : ends) {
      std::size_t last = word_;
      while (last < words_.size() && words_[last].begin < end) ++last;
      while (last - word_ > kSentenceWordsMax) {
        const std::size_t cut = cut_before();
        add(words_[cut].begin, cut);
      }
      add(end, last);
    }
    return std::move(sentences_);
  }

 private:
  // The word that begins the next part: the last one possible that something stands before.
  std::size_t cut_before() const {
    const std::size_t latest = word_ + kSentenceWordsMax;
    for (std::size_t cut = latest; cut > word_ + kSentenceWordsMax / 2; --cut) {
      if (words_[cut - 1].end < words_[cut].begin) return cut;
    }
    return latest;
  }

  void add(std::size_t end, std::size_t last_word) {
    const std::string_view with_space = without_leading_space(text_.substr(begin_, end - begin_));
    const std::string_view text = without_trailing_space(with_space);
    if (!text.empty()) {
      sentences_.push_back({text, joint_of(with_space.substr(text.size())), word_, last_word});
    }
    begin_ = end;
    word_ = last_word;
  }

  std::string_view text_;
  const std::vector<TextSlice>& words_;
  std::vector<Sentence> sentences_;
  std::size_t begin_ = 0;  // of what is not yet in a sentence
  std::size_t word_ = 0;
};

// Weighs sentences, and weighs them again when one of them is taken.
class SentenceRanking {
 public:
  SentenceRanking(std::string_view text, const std::vector<TextSlice>& words,
                  const std::vector<Sentence>& sentences)
      : sentences_(sentences), sums_(sentences.size(), 0), scores_(sentences.size(), 0) {
    number_words(text, words);
    weigh_words();
    for (std::size_t s = 0; s < sentences_.size(); ++s) {
      for (const std::size_t word : words_of_sentence(s)) sums_[s] += entries_[word].weight;
      enqueue(s);
    }
  }

  // The heaviest sentence not yet given out; none where `sentences` are through.
  std::optional<std::size_t> next() {
    while (!queue_.empty()) {
      const auto [score, order] = queue_.top();
      queue_.pop();
      const std::size_t s = sentences_.size() - order;
      if (given_[s] || score != scores_[s]) continue;  // weighed anew since
      given_[s] = true;
      return s;
    }
    return std::nullopt;
  }

  // The words of a sentence given out lose weight everywhere.
  void use(std::size_t sentence) {
    std::vector<std::size_t> touched;
    for (const std::size_t word : words_of_sentence(sentence)) {
      Entry& entry = entries_[word];
      if (entry.used_by == sentence || entry.uses == kUsesMax) continue;
      entry.used_by = sentence;
      const Weight after = ++entry.uses < kUsesMax ? entry.weight * entry.weight >> 32 : 0;
      for (const std::size_t s : entry.sentences) sums_[s] -= entry.weight - after;
      touched.insert(touched.end(), entry.sentences.begin(), entry.sentences.end());
      entry.weight = after;
    }
    for (const std::size_t s : touched) {
      if (!given_[s] && score_of(s) != scores_[s]) enqueue(s);
    }
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  struct Entry {
    std::vector<std::size_t> sentences;  // once for every time it stands there
    std::size_t in_sentences = 0;        // different ones
    Weight weight = 0;
    int uses = 0;
    std::size_t used_by = kNone;
  };

  std::span<const std::size_t> words_of_sentence(std::size_t s) const {
    return std::span(word_ids_).subspan(sentences_[s].first_word,
                                        sentences_[s].last_word - sentences_[s].first_word);
  }

  void number_words(std::string_view text, const std::vector<TextSlice>& words) {
    std::unordered_map<std::string, std::size_t> ids;
    word_ids_.reserve(words.size());
    for (const TextSlice& word : words) {
      const std::string lower = lower_case(text.substr(word.begin, word.end - word.begin));
      word_ids_.push_back(ids.try_emplace(lower, ids.size()).first->second);
    }
    entries_.resize(ids.size());
    for (std::size_t s = 0; s < sentences_.size(); ++s) {
      for (const std::size_t word : words_of_sentence(s)) {
        Entry& entry = entries_[word];
        entry.in_sentences += entry.sentences.empty() || entry.sentences.back() != s;
        entry.sentences.push_back(s);
      }
    }
  }

  // Share of all words, times the square of the share of sentences without it.
  void weigh_words() {
    const std::uint64_t sentences = std::max(sentences_.size(), kManySentences) + 1;
    for (Entry& entry : entries_) {
      const std::uint64_t half_times = 2 * entry.sentences.size() - 1;
      const std::uint64_t share = (half_times << 31) / word_ids_.size();
      const std::uint64_t without = ((sentences - entry.in_sentences) << 16) / sentences;
      entry.weight = (std::min(share, kWeightMax) * without >> 16) * without >> 16;
      assert(entry.weight <= kWeightMax);
    }
  }

  std::uint64_t score_of(std::size_t s) const {
    const std::uint64_t mean =
        sums_[s] / std::max<std::size_t>(words_of_sentence(s).size(), kShortWords);
    return mean + mean / (s + 1);
  }

  void enqueue(std::size_t s) {
    scores_[s] = score_of(s);
    queue_.emplace(scores_[s], sentences_.size() - s);
  }

  const std::vector<Sentence>& sentences_;
  std::vector<std::size_t> word_ids_;  // [word of the text]
  std::vector<Entry> entries_;         // [word id]
  std::vector<std::uint64_t> sums_, scores_;
  std::vector<bool> given_ = std::vector<bool>(sentences_.size(), false);
  std::priority_queue<std::pair<std::uint64_t, std::size_t>> queue_;  // score, earliness
};

std::string joined(const std::vector<Sentence>& sentences, std::vector<std::size_t> chosen) {
  std::ranges::sort(chosen);
  std::string summary;
  std::string_view joint;
  for (const std::size_t s : chosen) {
    summary.append(joint).append(sentences[s].text);
    joint = sentences[s].joint;
  }
  return summary;
}

Expected<std::string> first_graphemes(std::string_view text, std::size_t budget,
                                      const TextCost& cost) {
  auto ends = unit_ends(text, TextUnit::grapheme);
  if (!ends) return ends.error();
  const auto behind = std::partition_point(ends->begin(), ends->end(), [&](std::size_t end) {
    return cost(text.substr(0, end)) <= budget;
  });
  const std::size_t end = behind == ends->begin() ? 0 : *std::prev(behind);
  return std::string(without_trailing_space(text.substr(0, end)));
}

}  // namespace

Expected<std::string> extractive_summary(std::string_view text, std::size_t budget,
                                         const TextCost& cost) {
  if (Status status = check_slicing(text, {.slices = 1}); !status) return status.error();
  text = visible_text(text);
  if (text.empty() || cost(text) <= budget) return std::string(text);
  const auto ends = unit_ends(text, TextUnit::sentence);
  if (!ends) return ends.error();
  const auto words = words_of(text);
  if (!words) return words.error();
  const std::vector<Sentence> sentences = SentenceCutter(text, *words).cut(*ends);
  SentenceRanking ranking(text, *words, sentences);

  std::vector<std::size_t> chosen;  // the heaviest first
  std::size_t left = budget;
  std::optional<std::size_t> heaviest;
  while (const auto s = ranking.next()) {
    if (!heaviest) heaviest = s;
    const std::size_t needed = cost(std::string(sentences[*s].text).append(sentences[*s].joint));
    if (needed > left && chosen.empty()) continue;
    if (needed > left) break;  // what is left holds asides only
    left -= needed;
    chosen.push_back(*s);
    ranking.use(*s);
  }
  std::string summary = joined(sentences, chosen);
  while (!chosen.empty() && cost(summary) > budget) {
    chosen.pop_back();
    summary = joined(sentences, chosen);
  }
  if (!chosen.empty()) return summary;
  return first_graphemes(sentences[*heaviest].text, budget, cost);
}

}  // namespace pecia::kernels
