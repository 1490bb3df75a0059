#include "apps/pecia/window_scores.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace pecia::apps {

using namespace kernels;

static_assert(std::endian::native == std::endian::little, "the digest is over little-endian f32");

Expected<std::vector<ScoreWindow>> cut_windows(const std::vector<TokenId>& tokens, int size,
                                               TokenId bos) {
  assert(size >= 4);
  const auto length = static_cast<std::size_t>(size);
  if (tokens.size() < 2) {
    return fail(ErrorKind::refuse, "the text has {} tokens; perplexity needs at least 2",
                tokens.size());
  }
  if (tokens.size() < length) return std::vector<ScoreWindow>{{tokens, 0}};
  std::vector<ScoreWindow> windows;
  for (std::size_t begin = 0; begin + length <= tokens.size(); begin += length) {
    const auto from = tokens.begin() + static_cast<std::ptrdiff_t>(begin);
    ScoreWindow window{{from, from + size}, size / 2};
    if (bos >= 0) window.tokens.front() = bos;
    windows.push_back(std::move(window));
  }
  return windows;
}

namespace {

// -log softmax(logits)[target], in double; not finite where one of them is NaN or infinite.
double negative_log_likelihood(std::span<const float> logits, TokenId target) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest) + 0 * logit;
  return largest + std::log(sum) - logits[static_cast<std::size_t>(target)];
}

}  // namespace

void WindowScores::take(std::size_t window, int position, std::span<const float> logits) {
  assert(window >= current_ && window < windows_.size());
  if (window != current_) {
    waiting_[window].emplace_back(position, std::vector<float>(logits.begin(), logits.end()));
    return;
  }
  account(position, logits);
  account_waiting();
}

double WindowScores::perplexity() const { return std::exp(nll_ / static_cast<double>(tokens_)); }

std::string WindowScores::logits_sha256() { return hex(digest_.finish()); }

void WindowScores::account(int position, std::span<const float> logits) {
  const ScoreWindow& window = windows_[current_];
  assert(position >= window.first && position < window.last());
  digest_.update(std::as_bytes(logits));
  const auto at = static_cast<std::size_t>(position);
  const double nll = negative_log_likelihood(logits, window.tokens[at + 1]);
  if (!std::isfinite(nll) && !not_finite_at_) {
    not_finite_at_ = current_ * window.tokens.size() + at;
  }
  nll_ += nll;
  ++tokens_;
  if (position + 1 == window.last()) ++current_;
}

// When a window is done, the next may have rows already, even all of them.
void WindowScores::account_waiting() {
  for (auto due = waiting_.find(current_); due != waiting_.end(); due = waiting_.find(current_)) {
    const std::vector<Row> rows = std::move(due->second);
    waiting_.erase(due);
    for (const Row& row : rows) account(row.first, row.second);
  }
}

}  // namespace pecia::apps
