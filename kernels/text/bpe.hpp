#pragma once
// Byte-level BPE (Sennrich et al. 2016 as GPT-2 uses it): each word of the pre-tokenizer starts as
// bytes, and neighbours merge in the order of the merge list, leftmost first. Works on the bytes
// themselves: the alphabet the file spells them in is translated once, at build().
// Thread rule: immutable; share freely. Keeps a reference to the vocabulary, which must outlive it.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/bpe_merges.hpp"
#include "kernels/text/pretokenize.hpp"
#include "kernels/text/tokenizer_vocabulary.hpp"

namespace pecia::kernels {

class BpeEncoder {
 public:
  // `merges`: "left right" in the byte alphabet, most important first. Refuses one that is not two
  // parts, or whose parts or result are no tokens; `name` stands in front of the message.
  static Expected<BpeEncoder> build(const Vocabulary& vocabulary,
                                    std::span<const std::string_view> merges,
                                    std::string_view name);

  // Appends the tokens of `text`, below 1 GiB; returns how many entries the merge queues took.
  std::size_t encode(std::string_view text, std::vector<TokenId>& ids) const;

 private:
  // A symbol is a byte (0 to 255) or 256 + token id.
  using Symbol = std::int32_t;

  BpeEncoder(const Vocabulary& vocabulary, const PretokenizerStyle& style, std::size_t merges);
  void index_tokens();
  Status add_merge(std::string_view merge, std::uint32_t rank);
  Symbol symbol_of(std::string_view bytes) const;  // -1: no token
  std::size_t encode_word(std::string_view word, Merger& merger, std::vector<TokenId>& ids) const;
  void emit(Symbol symbol, std::vector<TokenId>& ids) const;

  const Vocabulary& words_;
  Pretokenizer pretokenizer_;
  std::unordered_map<std::string_view, TokenId> ids_;  // by the bytes a token stands for
  std::unordered_set<std::string_view> silent_;        // texts of tokens that stand for no text
  std::array<TokenId, 256> byte_ids_;
  std::vector<TokenId> replacement_;  // U+FFFD, for a byte that is no token
  BpeMerges merges_;                  // of symbols
};

}  // namespace pecia::kernels
