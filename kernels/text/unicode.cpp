#include "kernels/text/unicode.hpp"

#include <algorithm>

namespace pecia::kernels {

std::size_t unfinished_utf8(std::string_view text) {
  for (std::size_t tail = 1; tail <= std::min<std::size_t>(3, text.size()); ++tail) {
    const Utf8Run run = utf8_run(text, text.size() - tail);
    if (run.length > 0) return run.bytes == tail && !run.whole() ? tail : 0;
  }
  return 0;
}

std::string utf8(char32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace pecia::kernels
