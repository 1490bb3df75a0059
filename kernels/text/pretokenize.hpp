#pragma once
// Pre-tokenisation: cutting text into words before byte-level BPE merges inside each.
// A style is a list of patterns applied one after the other, each cutting the pieces the former
// left, as llama.cpp's unicode_regex_split does; text between matches is a piece of its own.
// Thread rule: a Pretokenizer is immutable; share freely.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

struct PretokenizerStyle {
  std::span<const char* const> patterns;  // PCRE2 syntax
  bool ignore_merges = false;             // a word that is itself a token is taken whole
  bool add_bos = false;                   // where the metadata does not say, as the next
  bool compose = false;                   // text becomes NFC first
};

// By `tokenizer.ggml.pre` ("gpt-2", "llama-bpe", ...); nullptr for a name not supported.
const PretokenizerStyle* pretokenizer_style(std::string_view name);
std::string pretokenizer_names();  // "default, gpt-2, ...", for messages

class Pretokenizer {
 public:
  explicit Pretokenizer(const PretokenizerStyle& style);

  // Words in order; together they are `text`, whose bytes they view. Linear in the text's size.
  std::vector<std::string_view> split(std::string_view text) const;

 private:
  struct Pattern;
  std::vector<std::shared_ptr<const Pattern>> patterns_;
};

}  // namespace pecia::kernels
