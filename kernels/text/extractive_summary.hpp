#pragma once
// A summary made of the text's own sentences, in any script and without a model.
//
// SumBasic (Nenkova and Vanderwende, "The impact of frequency on summarization", MSR-TR-2005-101):
// a word weighs as much as it is frequent, a sentence as the mean of its words; the heaviest
// sentence is taken, its words lose weight, and so on. Changed in these ways: words that stand in
// many sentences of a long text ("the") weigh less, by the share of sentences without them, since
// there is no list of stop words for all scripts; a word counts half a time less than it occurs,
// for one that occurs once tells little; earlier sentences weigh more, the first one twice; a very
// short one counts as kShortWords; and a word's weight is squared once it is used and zero after
// the second time, which bounds the work to O(n log n). All in integers, ties go to the earlier
// sentence: the same text gives the same summary everywhere the same ICU is installed.

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "kernels/text/slicing.hpp"

namespace pecia::kernels {

// A sentence with more words is cut: behind white space or a mark in its second half, or between
// two words. Thai has no sentence ends, and much code has none either.
inline constexpr std::size_t kSentenceWordsMax = 64;
inline constexpr std::size_t kShortWords = 8;

// Sentences of `text` in its order, whose `cost` together is at most `budget`: joined by a space
// or a newline where white space stood behind them. Sentences are taken until one does not fit:
// lighter ones that still would are mostly asides. A text that fits comes back whole, without
// white space at its ends; where not even one sentence fits, the first graphemes of the heaviest
// that do. Every byte goes through `cost` once, and the graphemes of a cut sentence some twenty
// times; a `cost` of the whole that is beyond that of its parts takes sentences out again.
// Refuses a text above kSlicedTextBytesMax. Thread rule: pure.
Expected<std::string> extractive_summary(std::string_view text, std::size_t budget,
                                         const TextCost& cost);

}  // namespace pecia::kernels
