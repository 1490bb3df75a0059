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

}  // namespace pecia::kernels
