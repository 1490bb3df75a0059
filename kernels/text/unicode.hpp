#pragma once
// UTF-8 that grows, that is made from code points, and what Unicode says of them (base/utf8.hpp
// says what is UTF-8 at all). Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/base/utf8.hpp"

namespace pecia::kernels {

// Bytes at the end of `text` that may still grow into a character: 0 to 3.
std::size_t unfinished_utf8(std::string_view text);

std::string utf8(char32_t code_point);
// REQUIRES one whole character.
char32_t code_point(std::string_view character);

bool is_unicode_space(char32_t code_point);   // White_Space, as \s of regular expressions
bool is_word_character(char32_t code_point);  // \w: letters, marks, decimal digits, connectors

// The character that ends before `at`, and the one that begins there; 0 where there is none.
char32_t character_before(std::string_view text, std::size_t at);
char32_t character_at(std::string_view text, std::size_t at);
// Past the white space from `at` on, and before that which ends at `at`, down to `from` at most.
std::size_t next_ink(std::string_view text, std::size_t at);
std::size_t behind_last_ink(std::string_view text, std::size_t from, std::size_t at);

// Normalization Form C (Unicode Standard Annex 15) of all that is UTF-8; other bytes stay.
std::string composed(std::string_view text);

}  // namespace pecia::kernels
