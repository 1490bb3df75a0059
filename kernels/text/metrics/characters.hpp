#pragma once
// Text as the metrics see it: code points with their Unicode properties, words between white space.
// White space and lower case are Python's (str.split, str.lower), in which the metrics were
// published. Bytes that are no UTF-8 count as U+FFFD. Pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

std::u32string code_points(std::string_view text);
std::string utf8_text(std::u32string_view characters);

bool is_white_space(char32_t character);
bool is_number(char32_t character);       // general category N
bool is_punctuation(char32_t character);  // P
bool is_symbol(char32_t character);       // S

std::string lower_case(std::string_view text);  // of no language in particular

std::vector<std::string> split_words(std::u32string_view text);
std::vector<std::string> split_words(std::string_view text);

}  // namespace pecia::kernels
