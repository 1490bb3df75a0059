#pragma once
// Slices are written all at once, the document is read in order: this fold over their tokens and
// ends decides which text of the document no further record can change. Held back are text of a
// slice whose predecessors have not ended, white space that may be its last, bytes that may grow
// into a character or a stop string, and a beginning that may repeat the slice before it.
//
// A pure function of the records: whatever order the slices' records come in, and however tokens
// are cut into calls, the document grows to the same bytes, which are merge() of the slices' texts
// where nothing overlaps. What was released is always a prefix of the final document, so a reader's
// (offset, chain) stays good. Thread rule: one caller at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/document_chain.hpp"
#include "kernels/text/outline.hpp"
#include "kernels/text/slice_text.hpp"

namespace pecia::kernels {

struct ReleaseRules {
  std::vector<std::string> stop;  // text from a stop string on is never shown
  // Characters of the slice before that a slice's beginning may repeat; what does is dropped. At
  // most kOverlapCharactersMax, 0: nothing is dropped.
  std::size_t overlap_characters_max = 0;
};

class DocumentRelease {
 public:
  // One slice a section. Released at once: preamble and first heading.
  DocumentRelease(Outline outline, Tokenizer tokenizer, ReleaseRules rules);

  // Error (kind refuse) where add() may not be called so: no such slice, one that has ended, or an
  // id that the vocabulary does not have.
  Status check(std::size_t slice, std::span<const TokenId> ids) const;

  // The next tokens of a slice, in order; then its end. Why it ended is of no matter to the text.
  // Both give the text they released; the view lasts until the next call.
  // REQUIRES check(slice, ids), of end() with no ids.
  std::string_view add(std::size_t slice, std::span<const TokenId> ids);
  std::string_view end(std::size_t slice);

  const std::string& document() const { return document_; }  // all that was released
  bool complete() const { return current_ == slices_.size(); }
  std::size_t ended() const { return ended_; }  // slices

  // document_chain() of the first `offset` bytes of document(). REQUIRES offset <= its size.
  Id chain_at(std::uint64_t offset) const { return chain_.at(document_, offset); }
  // Of the slice's whole visible text, repeated beginning included: a function of its own tokens.
  // REQUIRES the slice has ended.
  const TextDigest& digest(std::size_t slice) const;

 private:
  struct Slice {
    explicit Slice(SliceText empty) : text(std::move(empty)) {}
    std::optional<SliceText> text;     // none once it is released to its end
    std::optional<TextDigest> digest;  // once ended
    std::size_t shown = 0;             // bytes of its visible text that are released or dropped
    bool joined = false;               // what it repeats is dropped
  };

  std::string_view release(std::size_t slice);
  void release_current();
  void drop_repeated(Slice& slice);
  void begin_slice();
  void end_slice(std::string_view visible);

  // Constant after construction.
  Outline outline_;
  Tokenizer tokenizer_;
  ReleaseRules rules_;
  // The fold.
  std::vector<Slice> slices_;
  std::size_t current_ = 0;  // the first slice that has not ended
  std::size_t ended_ = 0;
  std::string before_;  // what the current slice may repeat
  std::string document_;
  DocumentChain chain_;
};

}  // namespace pecia::kernels
