#pragma once
// Slices of a sliding window begin with what the slice before them ended with. This finds how much
// of a slice's beginning repeats that, so that the document has it once.

#include <cstddef>
#include <string_view>

namespace pecia::kernels {

// A character is a code point; a byte that belongs to none counts as one.
inline constexpr std::size_t kOverlapCharactersMax = 65'536;

// The last `characters` of `text`, or all of it.
std::string_view last_characters(std::string_view text, std::size_t characters);

// Bytes of `text` that decide repeated_prefix() behind `before`: the rest may be anything.
std::size_t repeat_decided_by(std::string_view before);

// Length in bytes of the longest beginning of `text` that `before` ends with, as long as it begins
// and ends between words: a place inside a grapheme cluster, or between two letters or digits where
// no line could be broken, is none (so Han, Kana and Thai, which write without spaces, may be cut
// between any two clusters). "one two" before "two three" repeats 3 bytes, "one two" before "oh" 0.
// Linear in both. Thread rule: pure.
std::size_t repeated_prefix(std::string_view before, std::string_view text);

}  // namespace pecia::kernels
