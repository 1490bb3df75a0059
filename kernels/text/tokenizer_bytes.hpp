#pragma once
// How byte-level BPE spells bytes: an alphabet of 256 printable characters (Radford et al., GPT-2).
// Pure functions.

#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

// "Ġa" to " a"; nullopt where a character is not of the alphabet.
std::optional<std::string> from_byte_alphabet(std::string_view text);
// " a" to "Ġa".
std::string to_byte_alphabet(std::string_view bytes);

}  // namespace pecia::kernels
