#pragma once
// UTF-8 that grows, and that is made from code points (base/utf8.hpp says what is UTF-8 at all).
// Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/base/utf8.hpp"

namespace pecia::kernels {

// Bytes at the end of `text` that may still grow into a character: 0 to 3.
std::size_t unfinished_utf8(std::string_view text);

std::string utf8(char32_t code_point);

}  // namespace pecia::kernels
