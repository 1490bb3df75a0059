#pragma once
// Perplexity of a text cut into windows, after llama.cpp's llama-perplexity: every window from an
// empty cache, the second half of its tokens scored. Pure: logits in, figures out.
// Thread rule: one caller.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::apps {

struct ScoreWindow {
  std::vector<kernels::TokenId> tokens;  // the first is `bos` where the vocabulary has one
  int first = 0;                         // logits of positions [first, last) are scored
  int last() const { return static_cast<int>(tokens.size()) - 1; }
};

// Whole windows of `size` tokens, the tail left out; a shorter text is one window, scored whole.
// `bos` < 0: none. Refuses a text of fewer than two tokens. REQUIRES size >= 4.
kernels::Expected<std::vector<ScoreWindow>> cut_windows(const std::vector<kernels::TokenId>& tokens,
                                                        int size, kernels::TokenId bos);

// Takes logits as they come, from several windows at once, and accounts for them in text order:
// the digest and the sum are those of one window after the other. Rows of a window that is not yet
// due wait in memory: at most the rows of all windows begun.
class WindowScores {
 public:
  explicit WindowScores(const std::vector<ScoreWindow>& windows) : windows_(windows) {}

  // REQUIRES positions of one window in ascending order.
  void take(std::size_t window, int position, std::span<const float> logits);

  std::size_t current() const { return current_; }  // the first window with rows to come
  bool complete() const { return current_ == windows_.size(); }
  std::uint64_t tokens() const { return tokens_; }
  // Where the text was first scored by logits that are not finite: no perplexity then. Tokens of
  // the text, from 0.
  std::optional<std::size_t> not_finite_at() const { return not_finite_at_; }
  double perplexity() const;
  std::string logits_sha256();  // once, at the end

 private:
  using Row = std::pair<int, std::vector<float>>;  // position, logits
  void account(int position, std::span<const float> logits);
  void account_waiting();

  const std::vector<ScoreWindow>& windows_;
  std::map<std::size_t, std::vector<Row>> waiting_;  // by window
  std::size_t current_ = 0;
  std::uint64_t tokens_ = 0;
  std::optional<std::size_t> not_finite_at_;
  double nll_ = 0;
  kernels::Sha256 digest_;  // over the f32 little-endian logits
};

}  // namespace pecia::apps
