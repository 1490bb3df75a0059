#include "kernels/text/slice_text.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/text/visible_text.hpp"

namespace pecia::kernels {

TextDigest digest_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  const Digest whole = hash.finish();
  TextDigest digest{text.size(), {}};
  std::copy_n(whole.begin(), digest.hash.size(), digest.hash.begin());
  return digest;
}

// A slice goes on behind its prompt, so its first word keeps the space before it: visible_text()
// takes it away as it takes any other.
SliceText::SliceText(const Tokenizer& tokenizer, const std::vector<std::string>& stop)
    : shown_(tokenizer, false, stop) {}

void SliceText::push(std::span<const TokenId> ids) {
  assert(!ended_);
  for (const TokenId id : ids) text_ += shown_.push(id);
}

void SliceText::end() {
  assert(!ended_);
  text_ += shown_.finish();
  ended_ = true;
}

std::string_view SliceText::visible() const { return visible_text(text_); }

}  // namespace pecia::kernels
