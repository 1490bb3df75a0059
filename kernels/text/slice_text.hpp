#pragma once
// From the tokens of one slice to its visible text: whole characters, no stop string and nothing
// behind one, no white space at either end. A function of the tokens alone, however they are cut
// into push() calls, so that every node that has them agrees on the text, its length and its hash.
// Thread rule: one reader.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/text/shown_text.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

struct TextDigest {
  std::uint64_t bytes = 0;
  Id hash{};  // first 128 bits of the SHA-256 of these bytes
  bool operator==(const TextDigest&) const = default;
};

TextDigest digest_of(std::string_view text);

class SliceText {
 public:
  SliceText(const Tokenizer& tokenizer, const std::vector<std::string>& stop);

  // REQUIRES not yet ended, here and below.
  void push(std::span<const TokenId> ids);
  void end();  // no token follows, whatever the reason

  bool ended() const { return ended_; }
  // What stays of the text whatever follows; all of it once ended. The view lasts until the next
  // call of push() or end().
  std::string_view visible() const;

 private:
  ShownText shown_;
  std::string text_;  // shown so far, white space included
  bool ended_ = false;
};

}  // namespace pecia::kernels
