#pragma once
// Lines and fields of our own tables.

#include <algorithm>
#include <string_view>
#include <vector>

namespace pecia::kernels {

// Takes the first line, without its "\n", off `rest`.
inline std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

inline std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

// The fields between separators, trimmed; empty ones are left out.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const auto field = trim(text.substr(0, end)); !field.empty()) fields.push_back(field);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

}  // namespace pecia::kernels
