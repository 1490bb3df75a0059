#pragma once
// Which part of a slice's generated text stands in the document.

#include <string_view>

namespace pecia::kernels {

// `generated` without white space at either end and without an unfinished UTF-8 character behind
// it (a token budget may end inside one). Of a growing text every answer is a prefix of the next,
// so that what a reader saw is never taken back; the view points into `generated`.
// Not to be applied twice: broken bytes that white space stood behind look unfinished without it.
std::string_view visible_text(std::string_view generated);

// The same white space off one end alone.
std::string_view without_leading_space(std::string_view text);
std::string_view without_trailing_space(std::string_view text);

}  // namespace pecia::kernels
