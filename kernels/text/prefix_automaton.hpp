#pragma once
// How much of a text's beginning stands at the end of a stream of bytes, byte by byte: the
// automaton of Knuth, Morris and Pratt ("Fast pattern matching in strings", 1977).
// Thread rule: immutable after construction.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

class PrefixAutomaton {
 public:
  explicit PrefixAutomaton(std::string_view text);

  const std::string& text() const { return text_; }
  // The longest beginning of the text that ends a stream, once `byte` follows one whose longest was
  // `matched`. REQUIRES matched <= text().size(). O(1) a byte, amortised.
  std::size_t step(std::size_t matched, char byte) const;
  // The next shorter beginning that ends the same stream; 0 where there is none.
  // REQUIRES 0 < matched <= text().size().
  std::size_t shorter(std::size_t matched) const { return border_[matched]; }

 private:
  std::string text_;
  std::vector<std::size_t> border_;  // [m]: longest proper border of the first m bytes
};

}  // namespace pecia::kernels
