#pragma once
// ROUGE (Lin 2004) as google-research's rouge_score computes it, whose ground truth is the Perl
// program ROUGE-1.5.5: words are runs of a to z and 0 to 9 in lower case, every other byte is
// between words, no stop words. So it is for English: a text in another script has no words.
// Pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

struct RougeScore {  // 0 to 1; all 0 where a text has no words
  double precision = 0, recall = 0, f = 0;
};

// `stem`: Porter's stems of words of more than three letters.
std::vector<std::string> rouge_words(std::string_view text, bool stem);

// ROUGE-1, ROUGE-2, ..: n-grams, each counted as often as both texts have it. REQUIRES n >= 1.
RougeScore rouge_n(std::string_view reference, std::string_view hypothesis, int n,
                   bool stem = false);
// ROUGE-L: the longest common subsequence; line ends count for nothing.
RougeScore rouge_l(std::string_view reference, std::string_view hypothesis, bool stem = false);
// ROUGE-Lsum: each line is a sentence; for each of the reference, the words that are in its longest
// common subsequence with any of the hypothesis, each word as often as both texts have it.
RougeScore rouge_l_sum(std::string_view reference, std::string_view hypothesis, bool stem = false);

}  // namespace pecia::kernels
