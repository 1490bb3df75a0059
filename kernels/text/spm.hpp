#pragma once
// SentencePiece-style encoding (Kudo and Richardson 2018, the BPE variant with scores): characters
// are joined, best score first and leftmost among equals, as long as the joined text is a token;
// what is no token in the end goes out byte by byte.
// Thread rule: immutable; share freely. Keeps a reference to the vocabulary, which must outlive it.

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/text/tokenizer_merge.hpp"
#include "kernels/text/tokenizer_vocabulary.hpp"

namespace pecia::kernels {

class SpmEncoder {
 public:
  explicit SpmEncoder(const Vocabulary& vocabulary);

  // Appends the tokens of `text`, below 1 GiB, behind a space where the vocabulary wants one;
  // returns how many entries the merge queue took.
  std::size_t encode(std::string_view text, std::vector<TokenId>& ids) const;

 private:
  TokenId find(std::string_view text) const;
  void emit(std::string_view text, const MergeSymbol& symbol, std::vector<TokenId>& ids) const;

  const Vocabulary& words_;
  std::unordered_map<std::string_view, TokenId> ids_;  // of texts that merging may form
  std::vector<std::uint32_t> priorities_;              // by token: lower joins first
  std::array<TokenId, 256> byte_ids_;  // the unknown token (maybe -1) as last resort
  std::size_t longest_ = 0;            // bytes of the longest text in ids_
};

}  // namespace pecia::kernels
