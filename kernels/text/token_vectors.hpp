#pragma once
// Test vectors of tokenizers as llama.cpp keeps them: NAME.gguf.inp holds texts separated by a
// line, line k of NAME.gguf.out the token ids of text k. Pure functions.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

inline constexpr std::string_view kTokenVectorSeparator = "__ggml_vocab_test__";

// The texts of an .inp file, views into it. The newlines beside a separator line belong to it, so
// an empty text is an empty line; a separator at the very end opens no further text.
std::vector<std::string_view> read_token_vectors(std::string_view file);

// The line for one text in an .out file: " 15496 995", empty for no tokens.
std::string token_vector_line(std::span<const TokenId> ids);

}  // namespace pecia::kernels
