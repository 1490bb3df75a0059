#include "kernels/text/metrics/bleu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "kernels/base/double_math.hpp"
#include "kernels/text/metrics/ngrams.hpp"

namespace pecia::kernels {
namespace {

constexpr double kExpMax = 700;  // e to the minus this is nothing to a score

double smoothing_value(const BleuOptions& options) {
  return options.smoothing_value.value_or(options.smoothing == BleuSmoothing::floor ? 0.1 : 1.0);
}

double brevity_penalty(double hypothesis, double reference) {
  if (hypothesis >= reference) return 1;
  if (hypothesis == 0) return 0;
  const double exponent = 1 - reference / hypothesis;
  return exponent < -kExpMax ? 0 : double_math::exp(exponent);
}

// The geometric mean of the first `count`; 0 where one of them is.
double geometric_mean(std::span<const double> precisions) {
  double logs = 0;
  for (const double precision : precisions) {
    if (precision <= 0) return 0;
    logs += double_math::log(precision);
  }
  return double_math::exp(logs / static_cast<double>(precisions.size()));
}

std::uint64_t nearest_length(std::uint64_t length, std::span<const std::uint64_t> lengths) {
  const auto distance = [length](std::uint64_t other) {
    return std::pair(std::max(length, other) - std::min(length, other), other);
  };
  return *std::min_element(lengths.begin(), lengths.end(), [&](std::uint64_t a, std::uint64_t b) {
    return distance(a) < distance(b);
  });
}

// The most that any reference has of each n-gram.
std::vector<std::uint64_t> most_counts(NgramTable& table,
                                       std::span<const std::vector<NgramId>> references, int n) {
  std::vector<std::uint64_t> most;
  for (const std::vector<NgramId>& words : references) {
    const std::vector<std::uint64_t> counts = count_ids(table.ngrams(words, n));
    most.resize(std::max(most.size(), counts.size()));
    for (std::size_t id = 0; id < counts.size(); ++id) most[id] = std::max(most[id], counts[id]);
  }
  return most;
}

}  // namespace

BleuStatistics& BleuStatistics::operator+=(const BleuStatistics& other) {
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i] += other.matches[i];
    ngrams[i] += other.ngrams[i];
  }
  hypothesis_words += other.hypothesis_words;
  reference_words += other.reference_words;
  return *this;
}

BleuStatistics bleu_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const BleuOptions& options) {
  assert(!references.empty());
  NgramTable table;
  const auto words_of = [&](std::string_view text) {
    return table.words(bleu_words(text, options.tokenizer, options.lowercase));
  };
  const std::vector<NgramId> words = words_of(hypothesis);
  std::vector<std::vector<NgramId>> others;
  std::vector<std::uint64_t> lengths;
  for (const std::string& reference : references) {
    others.push_back(words_of(reference));
    lengths.push_back(others.back().size());
  }
  BleuStatistics statistics;
  statistics.hypothesis_words = words.size();
  statistics.reference_words = nearest_length(words.size(), lengths);
  for (int n = 1; n <= kBleuOrder; ++n) {
    const std::vector<NgramId> ngrams = table.ngrams(words, n);
    statistics.ngrams[n - 1] = ngrams.size();
    statistics.matches[n - 1] = overlap(count_ids(ngrams), most_counts(table, others, n));
  }
  return statistics;
}

BleuScore bleu_score(const BleuStatistics& statistics, const BleuOptions& options) {
  BleuScore result;
  result.brevity_penalty = brevity_penalty(static_cast<double>(statistics.hypothesis_words),
                                           static_cast<double>(statistics.reference_words));
  if (statistics.matches[0] == 0 && !options.smooth_no_match) return result;
  const double value = smoothing_value(options);
  double halved = 1;
  std::size_t orders = kBleuOrder;
  for (std::size_t i = 0; i < kBleuOrder; ++i) {
    const double added = options.smoothing == BleuSmoothing::add_k && i > 0 ? value : 0;
    const double matches = static_cast<double>(statistics.matches[i]) + added;
    const double ngrams = static_cast<double>(statistics.ngrams[i]) + added;
    if (ngrams == 0) break;
    if (options.effective_order) orders = i + 1;
    double counted = matches;
    if (matches == 0 && options.smoothing == BleuSmoothing::exp) counted = halved /= 2;
    if (matches == 0 && options.smoothing == BleuSmoothing::floor) counted = value;
    result.precisions[i] = 100 * counted / ngrams;
  }
  result.score =
      result.brevity_penalty * geometric_mean(std::span(result.precisions).first(orders));
  return result;
}

BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::vector<std::string>> references,
                      const BleuOptions& options) {
  assert(hypotheses.size() == references.size());
  BleuStatistics sum;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    sum += bleu_statistics(hypotheses[i], references[i], options);
  }
  return bleu_score(sum, options);
}

std::string bleu_signature(const BleuOptions& options, std::size_t references) {
  constexpr std::string_view kSmoothings[] = {"none", "floor", "add-k", "exp"};
  std::string smoothing(kSmoothings[static_cast<std::size_t>(options.smoothing)]);
  if (options.smoothing == BleuSmoothing::floor || options.smoothing == BleuSmoothing::add_k) {
    smoothing += fmt::format("[{:.2f}]", smoothing_value(options));
  }
  return fmt::format("nrefs:{}|case:{}|eff:{}|tok:{}|smooth:{}", references,
                     options.lowercase ? "lc" : "mixed", options.effective_order ? "yes" : "no",
                     name_of(options.tokenizer), smoothing);
}

}  // namespace pecia::kernels
