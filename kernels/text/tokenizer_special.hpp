#pragma once
// Finds whole tokens in raw text: "<|eot|>", or what a model's author added to its vocabulary.
// Thread rule: immutable; share freely. Keeps views of the vocabulary, which must outlive it.

#include <bitset>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/text/tokenizer_vocabulary.hpp"

namespace pecia::kernels {

struct SpecialMatch {
  std::size_t begin = 0, end = 0;  // bytes of the text
  TokenId id = -1;
};

class SpecialTokens {
 public:
  // User-defined tokens, which every text may name, and with `silent` those that stand for no text.
  SpecialTokens(const Vocabulary& vocabulary, bool silent);

  // The first match at or behind `from`, the longest where several begin, with the white space that
  // its token takes along. Work per byte of text is bounded by the longest token.
  std::optional<SpecialMatch> find(std::string_view text, std::size_t from) const;

 private:
  std::optional<SpecialMatch> longest_at(std::string_view text, std::size_t begin) const;

  const Vocabulary& words_;
  std::vector<std::pair<std::string_view, TokenId>> tokens_;  // ascending by text, then id
  std::bitset<256> first_bytes_;
};

}  // namespace pecia::kernels
