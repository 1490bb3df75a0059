#pragma once
// What counts as a blank line, for outlines and for paragraphs alike.

#include <string_view>

namespace pecia::kernels {

// With or without the line's end.
inline bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == line.npos;
}

}  // namespace pecia::kernels
