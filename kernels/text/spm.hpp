#pragma once
// SentencePiece-style encoding (Kudo and Richardson 2018, the BPE variant with scores): characters
// are joined, best score first and leftmost among equals, as long as the joined text is a token;
// what is no token in the end goes out byte by byte, and where the vocabulary has no bytes
// neighbours of its kind are one unknown token. A token marked as unused serves to reach longer
// ones; where it is left in the end, its parts stand for it.
// A vocabulary may list its merges instead, as tokenizer.json does: then the pairs that are listed
// join, by rank, and scores do not count.
// Thread rule: immutable; share freely. Keeps a reference to the vocabulary, which must outlive it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/bpe_merges.hpp"
#include "kernels/text/tokenizer_merge.hpp"
#include "kernels/text/tokenizer_vocabulary.hpp"

namespace pecia::kernels {

class SpmEncoder {
 public:
  explicit SpmEncoder(const Vocabulary& vocabulary);
  // By rank, "left right" each. `name` stands in errors (kind refuse).
  Status use_merges(std::span<const std::string_view> merges, std::string_view name);

  // Appends the tokens of `text`, below 1 GiB, behind a space where one is asked for;
  // returns how many entries the merge queue took.
  std::size_t encode(std::string_view text, bool space_prefix, std::vector<TokenId>& ids) const;

 private:
  TokenId find(std::string_view text) const;
  // How the merges came to the texts of unused tokens.
  using Parts = std::unordered_map<std::string_view, std::pair<std::string_view, std::string_view>>;
  // Characters that stand side by side in some token.
  class Neighbours {
   public:
    explicit Neighbours(const std::vector<std::uint64_t>& pairs = {});
    bool contains(std::uint32_t left, std::uint32_t right) const {
      return table_.find(static_cast<std::int32_t>(left), static_cast<std::int32_t>(right)).id >= 0;
    }

   private:
    BpeMerges table_;
  };
  struct Run {  // one call of encode()
    std::string_view text;
    std::vector<TokenId>& ids;
    Merger merger;
    Parts parts;
    bool behind_unknown = false;
    std::size_t entries = 0;
  };

  void merge(Run& run) const;  // the symbols so far, to tokens
  bool merges_to(TokenId id) const;
  bool is_unused(TokenId id) const { return words_.types[id] == TokenType::unused; }
  bool has_bytes(std::string_view text) const;
  void emit(std::string_view text, const Parts& parts, std::vector<TokenId>& ids) const;

  const Vocabulary& words_;
  std::unordered_map<std::string_view, TokenId> ids_;  // of texts that merging may form
  std::vector<std::uint32_t> priorities_;              // by token: lower joins first
  std::optional<BpeMerges> merges_;                    // where the vocabulary lists them
  std::array<TokenId, 256> byte_ids_;                  // -1: no token
  bool has_unused_ = false;
  Neighbours neighbours_;
  std::size_t longest_ = 0;  // bytes of the longest text in ids_
};

}  // namespace pecia::kernels
