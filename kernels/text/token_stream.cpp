#include <utility>

#include "kernels/text/tokenizer.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::kernels {

std::string TokenStream::push(TokenId id) {
  std::string_view piece = tokenizer_.piece(id);
  if (at_start_ && !piece.empty()) {
    if (piece.front() == ' ') piece.remove_prefix(1);
    at_start_ = false;
  }
  pending_ += piece;
  const std::size_t ready = pending_.size() - unfinished_utf8(pending_);
  std::string text = pending_.substr(0, ready);
  pending_.erase(0, ready);
  return text;
}

std::string TokenStream::flush() { return std::exchange(pending_, {}); }

}  // namespace pecia::kernels
