#include "kernels/text/metrics/repetition.hpp"

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/metrics/ngrams.hpp"

namespace pecia::kernels {

double duplicate_ngram_rate(std::string_view text, int n) {
  NgramTable table;
  const std::vector<NgramId> ngrams = table.ngrams(table.words(split_words(text)), n);
  if (ngrams.empty()) return 0;
  const std::size_t different = count_ids(ngrams).size();  // numbered without a gap
  return 1 - static_cast<double>(different) / static_cast<double>(ngrams.size());
}

}  // namespace pecia::kernels
