#pragma once
// From a sequence's tokens to the text a reader may see: whole characters only, and nothing that
// could still turn out to be the beginning of a stop string. What was shown is never taken back.
// Thread rule: one reader.

#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/stop_matcher.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

class ShownText {
 public:
  // `at_start`: nothing stands before this text, so a SentencePiece word loses its leading space.
  ShownText(const Tokenizer& tokenizer, bool at_start, const std::vector<std::string>& stop);

  std::string push(TokenId id);  // text that became visible by this token
  std::string finish();          // the rest, when no token follows

 private:
  void take(std::string_view bytes);
  std::string show_until(std::size_t end);  // offset in the whole text

  TokenStream stream_;
  StopMatcher matcher_;
  std::string held_;       // text behind what was shown
  std::size_t shown_ = 0;  // bytes
};

}  // namespace pecia::kernels
