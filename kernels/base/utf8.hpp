#pragma once
// Whether bytes are UTF-8 as the Unicode Standard defines it (table 3-7: no overlong forms, no
// surrogates, nothing above U+10FFFF). Pure functions.

#include <cstddef>
#include <string_view>

namespace pecia::kernels {

// What stands at one place of a text: `bytes` of a character that needs `length`.
// length == 0: no character can begin here. bytes < length: it breaks off or the text ends.
struct Utf8Run {
  std::size_t bytes = 0, length = 0;
  bool whole() const { return length > 0 && bytes == length; }
};
Utf8Run utf8_run(std::string_view text, std::size_t at);

// Where the first byte lies that is no part of a whole character; npos where all is UTF-8.
std::size_t first_broken_utf8(std::string_view text);
inline bool is_utf8(std::string_view text) { return first_broken_utf8(text) == text.npos; }

}  // namespace pecia::kernels
