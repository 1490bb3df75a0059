#include "kernels/text/prefix_automaton.hpp"

#include <cassert>

namespace pecia::kernels {

PrefixAutomaton::PrefixAutomaton(std::string_view text) : text_(text), border_(text.size() + 1, 0) {
  for (std::size_t m = 1; m < text_.size(); ++m) border_[m + 1] = step(border_[m], text_[m]);
}

std::size_t PrefixAutomaton::step(std::size_t matched, char byte) const {
  assert(matched <= text_.size());
  while (matched > 0 && (matched == text_.size() || text_[matched] != byte)) {
    matched = border_[matched];
  }
  return matched < text_.size() && text_[matched] == byte ? matched + 1 : 0;
}

}  // namespace pecia::kernels
