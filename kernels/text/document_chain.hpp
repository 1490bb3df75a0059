#pragma once
// What a reader has of a document, as an id that can be checked: it comes back with its offset and
// the chain of its bytes, and whoever holds the document says whether they are the same bytes.
//
//   c(0) = zero    c(i+1) = H(c(i), block i) over blocks of 4 KiB    chain = c, or H(c, rest)
//
// where the rest is what lies behind the last whole block, if anything. One running SHA-256 could
// be checked only by hashing all from the start; with c(i) kept for every block (16 bytes in 4 KiB)
// the chain at any offset costs less than a block, and both sides can grow theirs byte by byte.
// Thread rule: a value; the function is pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/hash.hpp"

namespace pecia::kernels {

inline constexpr std::size_t kChainBlockBytes = 4'096;

// Of the first bytes of a document; all zero of none.
Id document_chain(std::string_view prefix);

class DocumentChain {
 public:
  void append(std::string_view bytes);

  std::uint64_t bytes() const { return blocks_.size() * kChainBlockBytes + rest_.size(); }
  Id id() const;  // document_chain() of all that was appended
  // The same of the first `offset` bytes. REQUIRES `document` is what was appended, and
  // offset <= bytes().
  Id at(std::string_view document, std::uint64_t offset) const;

 private:
  Id behind_blocks(std::size_t blocks) const { return blocks == 0 ? Id{} : blocks_[blocks - 1]; }

  std::vector<Id> blocks_;  // [i]: c(i+1)
  std::string rest_;        // less than a block
};

}  // namespace pecia::kernels
