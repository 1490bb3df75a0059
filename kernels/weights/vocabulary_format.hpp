#pragma once
// How GGUF files store a vocabulary (ggml-org/ggml docs/gguf.md), shared by its readers and
// writers.

#include <cstdint>
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

inline constexpr std::string_view kSpaceMark = "\u2581";  // SentencePiece writes a space as this

// Keys of this program's own, for what tokenizer.json says and GGUF has no key for; others pass
// over them. The lists are of token ids.
inline constexpr std::string_view kComposeKey = "tokenizer.pecia.compose";  // bool: NFC
inline constexpr std::string_view kPrefixOnceKey = "tokenizer.pecia.space_prefix_once";  // bool
inline constexpr std::string_view kStripLeftKey = "tokenizer.pecia.strip_left";
inline constexpr std::string_view kStripRightKey = "tokenizer.pecia.strip_right";
inline constexpr std::string_view kWholeWordKey = "tokenizer.pecia.whole_word";

}  // namespace pecia::kernels
