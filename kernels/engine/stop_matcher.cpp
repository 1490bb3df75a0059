#include "kernels/engine/stop_matcher.hpp"

#include <algorithm>

namespace pecia::kernels {
namespace {

// Length matched once `byte` follows `matched` bytes of `text`. REQUIRES matched < text.size().
std::size_t advance(std::string_view text, const std::vector<std::size_t>& fallback,
                    std::size_t matched, char byte) {
  while (matched > 0 && text[matched] != byte) matched = fallback[matched];
  return text[matched] == byte ? matched + 1 : 0;
}

std::vector<std::size_t> fallback_of(std::string_view text) {
  std::vector<std::size_t> fallback(text.size() + 1, 0);
  for (std::size_t m = 1; m < text.size(); ++m)
    fallback[m + 1] = advance(text, fallback, fallback[m], text[m]);
  return fallback;
}

}  // namespace

StopMatcher::StopMatcher(const std::vector<std::string>& stops) {
  for (const std::string& text : stops)
    if (!text.empty()) patterns_.push_back({text, fallback_of(text)});
}

bool StopMatcher::push(std::string_view bytes) {
  for (auto byte = bytes.begin(); byte != bytes.end() && !stopped_; ++byte) {
    ++kept_;
    std::size_t complete = 0;  // length of the longest stop string that ends here
    for (Pattern& pattern : patterns_) {
      pattern.matched = advance(pattern.text, pattern.fallback, pattern.matched, *byte);
      if (pattern.matched == pattern.text.size()) complete = std::max(complete, pattern.matched);
    }
    stopped_ = complete > 0;
    kept_ -= complete;
  }
  return stopped_;
}

std::size_t StopMatcher::visible() const {
  std::size_t undecided = 0;
  if (!stopped_)
    for (const Pattern& pattern : patterns_) undecided = std::max(undecided, pattern.matched);
  return kept_ - undecided;
}

}  // namespace pecia::kernels
