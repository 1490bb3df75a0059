#include "apps/pecia/document_writer.hpp"

#include <cassert>

#include "kernels/text/visible_text.hpp"

namespace pecia::apps {

using kernels::visible_text;

DocumentWriter::DocumentWriter(kernels::Outline outline)
    : outline_(std::move(outline)), slices_(outline_.sections.size()) {}

std::string_view DocumentWriter::start() {
  assert(document_.empty() && current_ == 0);
  document_ = document_start(outline_);
  if (!complete()) document_ += slice_start(outline_, current_);
  release_current();
  return document_;
}

std::string_view DocumentWriter::add(std::size_t slice, std::string_view text) {
  assert(slice < slices_.size() && !slices_[slice].ended);
  const std::size_t from = document_.size();
  slices_[slice].text += text;
  if (slice == current_) release_current();
  return released_since(from);
}

std::string_view DocumentWriter::end(std::size_t slice) {
  assert(slice < slices_.size() && !slices_[slice].ended);
  const std::size_t from = document_.size();
  slices_[slice].ended = true;
  ++ended_;
  if (slice == current_) release_current();
  return released_since(from);
}

// Releases what the current slice has; where it has ended, goes on to the next.
void DocumentWriter::release_current() {
  while (!complete()) {
    Slice& slice = slices_[current_];
    const std::string_view visible = visible_text(slice.text);
    document_ += visible.substr(slice.shown);
    slice.shown = visible.size();
    if (!slice.ended) return;
    document_ += slice_end(outline_, current_);
    ++current_;
    if (!complete()) document_ += slice_start(outline_, current_);
  }
}

std::string_view DocumentWriter::released_since(std::size_t from) const {
  return std::string_view(document_).substr(from);
}

std::vector<int> share_tokens(int total, std::size_t slices) {
  std::vector<int> shares(slices, total / static_cast<int>(slices));
  for (std::size_t i = 0; i < static_cast<std::size_t>(total) % slices; ++i) ++shares[i];
  return shares;
}

}  // namespace pecia::apps
