#include "runtime/config/foreign_words.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

namespace pecia::runtime {

namespace {

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string quoted(std::string_view word) {
  std::size_t end = std::min(word.size(), kShownBytesMax);
  while (end > 0 && end < word.size() && continues_character(word[end])) --end;
  std::string shown(word.substr(0, end));
  std::replace_if(shown.begin(), shown.end(), is_control, '?');
  return "'" + shown + (end < word.size() ? "...'" : "'");
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  assert(!known.empty());
  const std::string_view start = word.substr(0, kShownBytesMax);
  return *std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
    return distance(start, a) < distance(start, b);
  });
}

}  // namespace pecia::runtime
