#pragma once
// Slices are written all at once, the document is read in order: this class decides which text no
// further token can change. Pure: no model, no I/O. Whatever order the slices' texts arrive in, the
// released pieces joined are merge(outline, slices).

#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/outline.hpp"

namespace pecia::apps {

class DocumentWriter {
 public:
  explicit DocumentWriter(kernels::Outline outline);

  // Each call adds to a slice, then gives the text released by it; the view lasts until the next
  // call. REQUIRES start() first and once, slice not yet ended.
  std::string_view start();
  std::string_view add(std::size_t slice, std::string_view text);
  std::string_view end(std::size_t slice);

  bool complete() const { return current_ == slices_.size(); }
  std::size_t ended() const { return ended_; }
  const std::string& document() const { return document_; }  // all that was released

 private:
  struct Slice {
    std::string text;       // as generated
    std::size_t shown = 0;  // bytes of its visible_text() that were released
    bool ended = false;
  };
  void release_current();
  std::string_view released_since(std::size_t from) const;

  kernels::Outline outline_;
  std::vector<Slice> slices_;
  std::size_t current_ = 0;  // the first slice that has not ended
  std::size_t ended_ = 0;
  std::string document_;
};

// `total` tokens over `slices`, as even as possible, the first ones taking the remainder.
std::vector<int> share_tokens(int total, std::size_t slices);

}  // namespace pecia::apps
