#include "kernels/text/token_vectors.hpp"

#include <algorithm>

namespace pecia::kernels {

std::vector<std::string_view> read_token_vectors(std::string_view file) {
  std::vector<std::string_view> texts;
  std::size_t text_begin = 0;
  for (std::size_t line = 0; line < file.size();) {
    const std::size_t end = std::min(file.find('\n', line), file.size());
    const std::size_t next = std::min(end + 1, file.size());
    if (file.substr(line, end - line) == kTokenVectorSeparator) {
      const std::size_t text_end = line > text_begin ? line - 1 : line;
      texts.push_back(file.substr(text_begin, text_end - text_begin));
      text_begin = next;
    }
    line = next;
  }
  if (text_begin < file.size()) texts.push_back(file.substr(text_begin));
  return texts;
}

std::string token_vector_line(std::span<const TokenId> ids) {
  std::string line;
  for (const TokenId id : ids) line.append(" ").append(std::to_string(id));
  return line;
}

}  // namespace pecia::kernels
