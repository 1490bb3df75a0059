#pragma once
// The tokenizer metadata of a GGUF file, checked: after read_vocabulary() every array has the
// same length, every id is in range or -1, every score is a number.
// Keys: tokenizer.ggml.{model,pre,tokens,token_type,scores,..} (ggml-org/ggml docs/gguf.md).
// Kinds: "gpt2" byte-level BPE, "llama" SentencePiece BPE (Llama 2, Phi-3, Gemma), "t5"
// SentencePiece unigram.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/pretokenize.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

// No real token comes near; keeps the work per byte of text bounded whatever the file says.
inline constexpr std::size_t kTokenBytesMax = 4'096;
// Of all tokens of a unigram vocabulary, which become a trie; the largest in use have two.
inline constexpr std::size_t kUnigramBytesMax = std::size_t{64} << 20;

struct Vocabulary {
  std::string kind;  // tokenizer.ggml.model: "llama", "gpt2" or "t5"
  std::string pre;   // tokenizer.ggml.pre: the pre-tokenizer style of gpt2, "default" where absent
  std::string chat_template;
  std::vector<std::string> texts;   // as in the file, by token id
  std::vector<std::string> pieces;  // the bytes each token decodes to
  std::vector<TokenType> types;
  std::vector<float> scores;  // of SentencePiece, else empty

  TokenId bos = -1, eos = -1, unknown = -1;  // -1: there is none
  std::vector<TokenId> end_ids;              // eos, eot and the like, ascending
  bool add_bos = false;
  bool add_space_prefix = false;
  bool space_prefix_once = false;     // at the start of a text alone, not behind special tokens
  bool space_prefix_missing = false;  // only where the text does not begin with one
  bool compose = false;               // gpt2 only: text becomes NFC first
  bool ignore_merges = false;
  bool added_as_spelt = false;       // U+2581 in the text of an added token stands for itself
  bool remove_extra_spaces = false;  // t5 only, as the next two
  bool keep_last_space = false;      // of extra ones
  std::string charsmap;              // tokenizer.ggml.precompiled_charsmap, as it lies in the file
  std::map<TokenId, TokenSurroundings> surroundings;  // of those that ask for any

  bool sentencepiece() const { return kind != "gpt2"; }
  bool unigram() const { return kind == "t5"; }
  bool silent(TokenId id) const {  // stands for no text
    return types[id] == TokenType::control || types[id] == TokenType::unknown;
  }
};

Expected<Vocabulary> read_vocabulary(const ModelFile& file);

}  // namespace pecia::kernels
