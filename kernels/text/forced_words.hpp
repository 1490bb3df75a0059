#pragma once
// Words that a vocabulary promises to hold whole: each is one token wherever white space, an
// opening quote or an opening bracket stands before it and no letter or digit behind it.
// (A straight single quote is none of these: the pre-tokenizer reads 'silver as 's and ilver.)
// Thread rule: functions are pure.

#include <span>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

// Whether the pre-tokenizer leaves each word whole in all of these places, and none is too long.
Status check_forced_words(std::span<const std::string> words);

// Whether `tokenizer` encodes each word as one token in all of these places.
Status check_single_tokens(const Tokenizer& tokenizer, std::span<const std::string> words);

}  // namespace pecia::kernels
