#pragma once
// Looks for any of several stop strings in a growing stream of bytes, and says how much of the
// stream can be shown meanwhile: never a byte that may still turn out to begin a stop string.
// A function of the bytes alone, however they are cut into push() calls. One automaton a string,
// O(bytes * strings) altogether.
// Thread rule: a value.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/prefix_automaton.hpp"

namespace pecia::kernels {

class StopMatcher {
 public:
  // An empty string stops nothing.
  explicit StopMatcher(const std::vector<std::string>& stops);

  // Appends to the stream; true once it contains a stop string, and from then on. The stop string
  // that is complete first counts, the longest where several are at the same byte. Bytes behind it
  // are ignored.
  bool push(std::string_view bytes);

  bool stopped() const { return stopped_; }
  // Bytes of the stream that belong to the text: up to the stop string, or all so far.
  std::size_t kept() const { return kept_; }
  // Bytes of the stream that stay in the text whatever follows. Grows up to kept().
  std::size_t visible() const;

 private:
  struct Pattern {
    PrefixAutomaton automaton;
    std::size_t matched = 0;  // bytes of the stop string that end the stream
  };

  std::vector<Pattern> patterns_;
  std::size_t kept_ = 0;
  bool stopped_ = false;
};

}  // namespace pecia::kernels
