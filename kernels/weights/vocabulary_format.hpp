#pragma once
// How GGUF files store a vocabulary (ggml-org/ggml docs/gguf.md), shared by its readers and
// writers. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

using TokenId = std::int32_t;  // index into tokenizer.ggml.tokens

enum class TokenType : std::uint8_t {  // numbers of tokenizer.ggml.token_type
  undefined = 0,
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6,
};

// What a token that is found in raw text asks of the text around it (tokenizer.json: lstrip,
// rstrip, single_word).
struct TokenSurroundings {
  bool strip_left = false;   // white space before it goes with it
  bool strip_right = false;  // and behind it
  bool whole_word = false;   // not inside of a word
};

inline constexpr std::string_view kSpaceMark = "\u2581";  // SentencePiece writes a space as this
std::string spaces_for_marks(std::string_view text);
std::string marks_for_spaces(std::string_view text);

// 10 for "<0x0A>", as SentencePiece names a byte; nullopt for anything else.
std::optional<std::uint8_t> parse_byte_token(std::string_view text);

// Keys of this program's own, for what tokenizer.json says and GGUF has no key for; others pass
// over them. The lists are of token ids.
inline constexpr std::string_view kComposeKey = "tokenizer.pecia.compose";  // bool: NFC
inline constexpr std::string_view kPrefixOnceKey = "tokenizer.pecia.space_prefix_once";  // bool
inline constexpr std::string_view kPrefixMissingKey =
    "tokenizer.pecia.space_prefix_missing";  // bool: only where the text begins with no space
inline constexpr std::string_view kKeepLastSpaceKey =
    "tokenizer.pecia.keep_last_space";  // bool: where extra ones are removed
inline constexpr std::string_view kAsSpeltKey =
    "tokenizer.pecia.added_as_spelt";  // bool: U+2581 of an added token is no space
inline constexpr std::string_view kEndsKey = "tokenizer.pecia.end_ids";  // beyond eos, eot and eom
inline constexpr std::string_view kStripLeftKey = "tokenizer.pecia.strip_left";
inline constexpr std::string_view kStripRightKey = "tokenizer.pecia.strip_right";
inline constexpr std::string_view kWholeWordKey = "tokenizer.pecia.whole_word";

}  // namespace pecia::kernels
