#include "kernels/text/stop_matcher.hpp"

#include <algorithm>

namespace pecia::kernels {

StopMatcher::StopMatcher(const std::vector<std::string>& stops) {
  for (const std::string& text : stops)
    if (!text.empty()) patterns_.push_back({PrefixAutomaton(text)});
}

bool StopMatcher::push(std::string_view bytes) {
  for (auto byte = bytes.begin(); byte != bytes.end() && !stopped_; ++byte) {
    ++kept_;
    std::size_t complete = 0;  // length of the longest stop string that ends here
    for (Pattern& pattern : patterns_) {
      pattern.matched = pattern.automaton.step(pattern.matched, *byte);
      if (pattern.matched == pattern.automaton.text().size()) {
        complete = std::max(complete, pattern.matched);
      }
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
