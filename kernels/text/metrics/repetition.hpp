#pragma once
// How much a text repeats itself. Pure function.

#include <string_view>

namespace pecia::kernels {

inline constexpr int kRepetitionWords = 8;

// The share of n-grams that stood in the text before: 1 - different / all, 0 for a text of fewer
// than n words. Words stand between white space and are compared as they are written.
// REQUIRES n >= 1. Time linear in the text.
double duplicate_ngram_rate(std::string_view text, int n = kRepetitionWords);

}  // namespace pecia::kernels
