#pragma once
// Training of byte-level BPE (Sennrich et al. 2016, on bytes as GPT-2): the pair that stands most
// often in the words of a text becomes one symbol, again and again, until the vocabulary is full.
// The same counts and options give the same merges: among equals the pair of the older symbols
// comes first, by its left, then its right one; bytes are the oldest, by their value.
//
// Forced words. Each is to be one token behind a space and without one. They stand in a list of
// their own; behind the text's first merges this list is merged as a text is, until each of its
// entries is one symbol, and only then the text goes on. What an encoder does with the merges of a
// prefix it does with the whole list too, since later merges never come before earlier ones: once
// one symbol, always one symbol. The list goes in as late as the vocabulary's size allows, so that
// it costs the rest of the text as little as possible.
// Thread rule: functions are pure.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/bpe_segmentation.hpp"
#include "kernels/text/word_counts.hpp"

namespace pecia::kernels {

inline constexpr int kBpeControlTokens = 2;  // begin and end of a text
inline constexpr int kBpeVocabularyMin = 256 + kBpeControlTokens;
inline constexpr int kBpeVocabularyMax = 1 << 20;

struct BpeTrainingOptions {
  int vocabulary = 0;                       // tokens in all, control tokens included
  std::span<const std::string> words = {};  // forced
};

struct TrainedBpe {
  std::vector<std::string> symbols;  // the bytes of each: 256 bytes, then in the order made
  std::vector<BpePair> merges;       // most important first; [i] makes symbols[256 + i]
  std::uint64_t text_tokens = 0;     // that the text of the training takes
};

// Symbols made so far, and in all; may begin anew once. False stops the training: it ends with an
// Error of kind retry.
using BpeTrainingProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// Refuses an empty text, a vocabulary that is too small for the bytes or the forced words or larger
// than the text can fill (a pair that stands in it only once is not merged), and a word that the
// pre-tokenizer would cut.
Expected<TrainedBpe> train_bpe(const WordCounts& text, const BpeTrainingOptions& options,
                               const BpeTrainingProgress& progress = {});

}  // namespace pecia::kernels
