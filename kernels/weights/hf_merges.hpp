#pragma once
// The merges of a SentencePiece vocabulary in tokenizer.json, as the scores that GGUF keeps.
// SentencePiece joins whichever neighbours give the piece of the highest score; a tokenizer.json
// lists pairs by rank. The two agree where the list is what transformers derives from a
// SentencePiece model: every pair of pieces whose union is a piece, all pairs of one piece
// together. Where they do not, the list comes along, and scores are what comes nearest to it.
// Thread rule: pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/json_text.hpp"

namespace pecia::kernels {

using HfMerge = std::pair<std::string_view, std::string_view>;

// Pairs ["a", "b"], or texts "a b" of older writers. Views into `merges`. `name` stands in errors.
Expected<std::vector<HfMerge>> read_hf_merges(const Json& merges, const std::string& name);

struct HfScores {
  std::vector<float> scores;  // by token id
  // What scores cannot say: the merges that may ever apply, by rank, "left right" each. Empty where
  // scores say it all.
  std::vector<std::string> merges;
};
// `pieces[id]` is empty where a token takes no part in merging.
HfScores hf_scores(std::span<const std::string> pieces, std::span<const HfMerge> merges);

}  // namespace pecia::kernels
