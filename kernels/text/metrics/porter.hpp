#pragma once
// The stem of an English word by Porter's algorithm (M. F. Porter 1980, "An algorithm for suffix
// stripping") with the later changes that NLTK's stemmer makes by default: a dozen irregular words,
// `-ies` and `-ied` of four letters, `-y` behind a consonant, `-bli`, `-fulli`, `-logi`, and words
// of one or two letters as they are. Pure function.

#include <string>
#include <string_view>

namespace pecia::kernels {

// `word` in lower case; bytes other than a, e, i, o, u and y are consonants.
std::string porter_stem(std::string_view word);

}  // namespace pecia::kernels
