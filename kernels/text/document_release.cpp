#include "kernels/text/document_release.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernels/text/repeated_prefix.hpp"
#include "kernels/text/visible_text.hpp"

namespace pecia::kernels {

DocumentRelease::DocumentRelease(Outline outline, Tokenizer tokenizer, ReleaseRules rules)
    : outline_(std::move(outline)), tokenizer_(std::move(tokenizer)), rules_(std::move(rules)) {
  assert(rules_.overlap_characters_max <= kOverlapCharactersMax);
  for (std::size_t k = 0; k < outline_.sections.size(); ++k) {
    slices_.emplace_back(SliceText(tokenizer_, rules_.stop));
  }
  document_ = document_start(outline_);
  begin_slice();
  chain_.append(document_);
}

Status DocumentRelease::check(std::size_t slice, std::span<const TokenId> ids) const {
  if (slice >= slices_.size()) {
    return fail(ErrorKind::refuse, "slice {} of a document of {}", slice + 1, slices_.size());
  }
  if (slices_[slice].digest) {
    return fail(ErrorKind::refuse, "slice {} has ended; nothing can follow", slice + 1);
  }
  for (const TokenId id : ids) {
    if (id >= 0 && id < tokenizer_.size()) continue;
    return fail(ErrorKind::refuse, "slice {}: token id {}, the vocabulary has 0..{}", slice + 1, id,
                tokenizer_.size() - 1);
  }
  return {};
}

std::string_view DocumentRelease::add(std::size_t slice, std::span<const TokenId> ids) {
  assert(check(slice, ids).ok());
  slices_[slice].text->push(ids);
  return release(slice);
}

std::string_view DocumentRelease::end(std::size_t slice) {
  assert(check(slice, {}).ok());
  SliceText& text = *slices_[slice].text;
  text.end();
  slices_[slice].digest = digest_of(text.visible());
  ++ended_;
  return release(slice);
}

const TextDigest& DocumentRelease::digest(std::size_t slice) const {
  assert(slice < slices_.size() && slices_[slice].digest);
  return *slices_[slice].digest;
}

std::string_view DocumentRelease::release(std::size_t slice) {
  const std::size_t from = document_.size();
  if (slice == current_) release_current();
  const std::string_view released = std::string_view(document_).substr(from);
  chain_.append(released);
  return released;
}

// Releases what the current slice has; where it has ended, goes on to the next.
void DocumentRelease::release_current() {
  while (!complete()) {
    Slice& slice = slices_[current_];
    drop_repeated(slice);
    if (!slice.joined) return;
    const std::string_view visible = slice.text->visible();
    document_ += visible.substr(slice.shown);
    slice.shown = visible.size();
    if (!slice.digest) return;
    end_slice(visible);
    begin_slice();
  }
}

// Decided by the beginning of the slice alone, so it waits until that is known, and no longer.
void DocumentRelease::drop_repeated(Slice& slice) {
  if (slice.joined) return;
  const std::string_view visible = slice.text->visible();
  if (!before_.empty()) {
    if (!slice.digest && visible.size() < repeat_decided_by(before_)) return;
    const std::size_t repeated = repeated_prefix(before_, visible);
    slice.shown = visible.size() - without_leading_space(visible.substr(repeated)).size();
  }
  slice.joined = true;
}

void DocumentRelease::end_slice(std::string_view visible) {
  document_ += slice_end(outline_, current_);
  before_ = last_characters(visible, rules_.overlap_characters_max);
  slices_[current_].text.reset();
  ++current_;
}

void DocumentRelease::begin_slice() {
  if (!complete()) document_ += slice_start(outline_, current_);
}

}  // namespace pecia::kernels
