#include "kernels/chronicle/statistics.hpp"

#include <algorithm>
#include <unordered_set>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/script.hpp"
#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  for (const Token& token : lex(text, 1)) words += static_cast<std::size_t>(token.words);
  return words;
}

class Counter {
 public:
  explicit Counter(TextKind kind) : kind_(kind) {
    counted_.templates = script().prose_templates;
    counted_.chapter_words_min = counted_.text_words_min = SIZE_MAX;
  }

  void add(const Chronicle& tale, const TrainingText& text, const FactScore& score) {
    ++counted_.texts;
    counted_.words += score.words;
    counted_.text_words_min = std::min(counted_.text_words_min, score.words);
    counted_.text_words_max = std::max(counted_.text_words_max, score.words);
    counted_.sentences += score.sentences;
    counted_.unparsed_sentences += score.unparsed_sentences;
    counted_.duplicate_rate += score.duplicate_rate();
    for (std::size_t r = 0; r < kTallyCount; ++r) counted_.by_role[r] += score.by_role[r];
    if (kind_ == TextKind::slice) return add_chapter(text.completion);
    for (const std::string& chapter : tale.chapters) add_chapter(chapter);
  }

  CorpusStatistics finish() {
    counted_.word_types = types_.size();
    counted_.word_types_beside_facts = types_.size() - fact_types_;
    counted_.chapter_words_mean = static_cast<double>(chapter_words_) /
                                  static_cast<double>(std::max<std::size_t>(counted_.chapters, 1));
    counted_.duplicate_rate /= static_cast<double>(std::max<std::uint64_t>(counted_.texts, 1));
    if (counted_.texts == 0) counted_.chapter_words_min = counted_.text_words_min = 0;
    return counted_;
  }

 private:
  void add_chapter(std::string_view chapter) {
    const std::size_t words = count_words(chapter);
    ++counted_.chapters;
    chapter_words_ += words;
    counted_.chapter_words_min = std::min(counted_.chapter_words_min, words);
    counted_.chapter_words_max = std::max(counted_.chapter_words_max, words);
    for (const Token& token : lex(chapter, 1)) {
      if (token.words > 0) add_types(token.text);
    }
  }

  // "The" and "the" are one type, "Plum" the hound and "plum" the fruit are two.
  void add_types(std::string_view words) {
    for (const std::string_view word : split(words, ' ')) {
      const bool is_fact = fact_word(word).has_value();
      std::string type(word);
      if (!is_fact) {
        std::transform(type.begin(), type.end(), type.begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
      }
      if (types_.insert(std::move(type)).second && is_fact) ++fact_types_;
    }
  }

  const TextKind kind_;
  CorpusStatistics counted_;
  std::size_t chapter_words_ = 0, fact_types_ = 0;
  std::unordered_set<std::string> types_;
};

FactScore score_text(TextKind kind, const Chronicle& tale, const TrainingText& text) {
  const std::string document = scored_document(kind, tale, text);
  const Outline* outline = kind == TextKind::slice ? &tale.outline : nullptr;
  return score_facts({document, tale.facts, outline});
}

}  // namespace

std::string scored_document(TextKind kind, const Chronicle& tale, const TrainingText& text) {
  if (kind != TextKind::slice) return text.prompt + text.completion;
  // The prompt ends with heading and blank line.
  const std::size_t heading = text.prompt.rfind("\n# ") + 1;
  return document_start(tale.outline) + text.prompt.substr(heading) + text.completion + "\n";
}

FactScore score_training_text(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index) {
  return score_text(kind, corpus_tale(kind, split, seed, index),
                    training_text(kind, split, seed, index));
}

CorpusStatistics corpus_statistics(const CorpusStretch& stretch) {
  Counter counter(stretch.kind);
  for (std::uint64_t i = stretch.first; i < stretch.first + stretch.count; ++i) {
    const Chronicle tale = corpus_tale(stretch.kind, stretch.split, stretch.seed, i);
    const TrainingText text = training_text(stretch.kind, stretch.split, stretch.seed, i);
    counter.add(tale, text, score_text(stretch.kind, tale, text));
  }
  return counter.finish();
}

}  // namespace pecia::kernels
