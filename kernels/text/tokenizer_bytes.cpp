#include "kernels/text/tokenizer_bytes.hpp"

#include <array>
#include <cstdint>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

// Printable bytes stand for themselves; the others, in order, take the characters from U+0100 on.
constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

struct Alphabet {
  std::array<char32_t, 256> letter{};
  std::array<std::int16_t, 0x144> byte{};  // by letter; -1 for characters outside
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  alphabet.byte.fill(-1);
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t letter = stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++;
    alphabet.letter[byte] = letter;
    alphabet.byte[letter] = static_cast<std::int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

std::optional<std::string> from_byte_alphabet(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Run run = utf8_run(text, at);
    if (!run.whole() || run.length > 2) return std::nullopt;  // the last letter is U+0143
    char32_t letter = static_cast<std::uint8_t>(text[at]);
    if (run.length == 2) letter = (letter & 0x1F) << 6 | (text[at + 1] & 0x3F);
    if (letter >= kAlphabet.byte.size() || kAlphabet.byte[letter] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(kAlphabet.byte[letter]));
    at += run.length;
  }
  return bytes;
}

std::string to_byte_alphabet(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += utf8(kAlphabet.letter[static_cast<std::uint8_t>(byte)]);
  return text;
}

}  // namespace pecia::kernels
