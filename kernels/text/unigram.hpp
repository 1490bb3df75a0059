#pragma once
// The unigram model of SentencePiece (Kudo 2018): of all ways to cut a text into tokens the one
// with the highest sum of scores, found by one pass over the text (Viterbi). A character that no
// token covers costs ten more than the worst token; in the end it goes out as bytes where the
// vocabulary has byte tokens, else neighbours of its kind are one unknown token.
// Thread rule: immutable; share freely. Keeps a reference to the vocabulary, which must outlive it.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/text/bpe_merges.hpp"
#include "kernels/text/tokenizer_vocabulary.hpp"

namespace pecia::kernels {

class UnigramEncoder {
 public:
  explicit UnigramEncoder(const Vocabulary& vocabulary);

  // Appends the tokens of `text`, below 1 GiB; returns how many tokens it looked at. Work per byte
  // is bounded by the longest token.
  std::size_t encode(std::string_view text, std::vector<TokenId>& ids) const;
  bool has_bytes() const { return byte_fallback_; }  // every byte is a token

 private:
  // The best way to reach a place of the text.
  struct Arrival {
    double score = 0;
    std::uint32_t begin = 0;  // of the last token
    TokenId id = -1;          // kUnseen: nothing led here yet
  };
  static constexpr TokenId kUnseen = -2, kUncovered = -1;

  std::size_t walk(std::string_view text, std::vector<Arrival>& arrivals) const;
  void offer(Arrival& place, double score, std::size_t begin, TokenId id) const;
  void emit(std::string_view text, const std::vector<Arrival>& arrivals,
            std::vector<TokenId>& ids) const;

  const Vocabulary& words_;
  BpeMerges edges_;                // the tokens as a trie: (node, byte) to node
  std::vector<TokenId> token_at_;  // by node; -1: none ends here
  std::array<TokenId, 256> byte_ids_;
  bool byte_fallback_ = true;
  double uncovered_score_ = 0;
};

}  // namespace pecia::kernels
