#pragma once
// What a stretch of the corpus is like, counted over its texts: variety, length, facts stated, and
// what the scorer makes of them. Pure.

#include <array>
#include <cstdint>
#include <string>

#include "kernels/chronicle/fact_score.hpp"
#include "kernels/chronicle/training_text.hpp"

namespace pecia::kernels {

// A text with its header in front, as the scorer reads it; of a slice the one chapter alone.
std::string scored_document(TextKind kind, const Chronicle& tale, const TrainingText& text);

// The scorer's view of text `index`: the outline is given to it for a slice.
FactScore score_training_text(TextKind kind, Split split, std::uint64_t seed, std::uint64_t index);

struct CorpusStretch {
  TextKind kind = TextKind::whole;
  Split split = Split::train;
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t count = 1'000;
};

struct CorpusStatistics {
  std::uint64_t texts = 0;
  std::size_t words = 0;  // of chapters and their headings, without headers and prompts
  std::size_t word_types = 0;
  std::size_t word_types_beside_facts = 0;  // without names and other values of facts
  std::size_t templates = 0;                // sentence templates of the grammar, headings excluded
  std::size_t chapters = 0;
  std::size_t chapter_words_min = 0, chapter_words_max = 0;
  double chapter_words_mean = 0;
  std::size_t text_words_min = 0, text_words_max = 0;  // as text_words above
  std::size_t sentences = 0, unparsed_sentences = 0;
  std::array<Tally, kTallyCount> by_role;
  double duplicate_rate = 0;  // of 8-grams, mean over the texts
};

CorpusStatistics corpus_statistics(const CorpusStretch& stretch);

}  // namespace pecia::kernels
