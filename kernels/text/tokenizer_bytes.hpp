#pragma once
// How vocabularies spell bytes: "<0x0A>" in SentencePiece, an alphabet of 256 printable characters
// in byte-level BPE (Radford et al., GPT-2). Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

// 10 for "<0x0A>"; nullopt for anything else.
std::optional<std::uint8_t> parse_byte_token(std::string_view text);

// "Ġa" to " a"; nullopt where a character is not of the alphabet.
std::optional<std::string> from_byte_alphabet(std::string_view text);
// " a" to "Ġa".
std::string to_byte_alphabet(std::string_view bytes);

}  // namespace pecia::kernels
