#pragma once
// BLEU (Papineni et al. 2002) with the tokenizers, smoothings and defaults of sacreBLEU (Post
// 2018), to the same figures. Pure functions; time near-linear in the text.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/metrics/bleu_words.hpp"

namespace pecia::kernels {

inline constexpr int kBleuOrder = 4;

// What an order without a match counts as (Chen and Cherry 2014).
enum class BleuSmoothing : std::uint8_t {
  none,   // 0, and so the score
  floor,  // `value` matches
  add_k,  // `value` more matches and n-grams, in every order but the first
  exp,    // 1/2 match, the next such order 1/4, and so on
};

struct BleuOptions {
  BleuTokenizer tokenizer = BleuTokenizer::mteval_13a;
  BleuSmoothing smoothing = BleuSmoothing::exp;
  std::optional<double> smoothing_value = {};  // floor: 0.1, add_k: 1
  bool lowercase = false;
  bool effective_order = false;  // orders longer than the text do not count: for single sentences
  // A corpus without a single match is smoothed too, as sacreBLEU did before 2.0; else it scores 0.
  bool smooth_no_match = false;
};

// Sums over segments are the statistics of the corpus.
struct BleuStatistics {
  std::array<std::uint64_t, kBleuOrder> matches{}, ngrams{};  // [n - 1], of the hypothesis
  std::uint64_t hypothesis_words = 0;
  std::uint64_t reference_words = 0;  // of the reference nearest in length, the shorter of two

  BleuStatistics& operator+=(const BleuStatistics& other);
};

struct BleuScore {
  double score = 0;                             // 0 to 100
  std::array<double, kBleuOrder> precisions{};  // 0 to 100
  double brevity_penalty = 0;                   // 0 to 1
};

// REQUIRES one reference or more.
BleuStatistics bleu_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const BleuOptions& options);

BleuScore bleu_score(const BleuStatistics& statistics, const BleuOptions& options);

// references[i] are those of hypotheses[i]. REQUIRES as many, each with one reference or more.
BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::vector<std::string>> references,
                      const BleuOptions& options = {});

// "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp", as sacreBLEU writes it but for its version.
std::string bleu_signature(const BleuOptions& options, std::size_t references);

}  // namespace pecia::kernels
