#pragma once
// The tokens of a tokenizer.json: their texts, types, scores and merges, as GGUF keeps them.
// Thread rule: pure.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/hf_pretokenizer.hpp"
#include "kernels/weights/json_text.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

struct HfVocabulary {
  std::string kind;  // tokenizer.ggml.model: "gpt2", "llama" or "t5"
  std::string pre;   // tokenizer.ggml.pre
  std::vector<std::string> texts;
  std::vector<TokenType> types;
  std::vector<float> scores;        // of llama and t5, else empty
  std::vector<std::string> merges;  // of gpt2, and of llama where scores do not say them all
  std::int64_t unknown = -1;        // -1: there is none
  bool composed = false;            // of gpt2: text becomes NFC
  HfSpaces spaces;                  // of llama and t5
  // Of llama and t5: U+2581 in an added token is looked for as it is, and may come of merges too.
  // Else, where the file looks for it behind its normalizer, as the space that GGUF takes it for.
  bool added_as_spelt = false;
  // Ids of added tokens: which take white space along, which are none inside of a word.
  std::vector<std::int32_t> strip_left, strip_right, whole_words;

  bool byte_level() const { return kind == "gpt2"; }
  std::int64_t id_of(std::string_view text) const;  // -1 where there is none
};

// `size`: how many ids there are; one without a token becomes "[PAD<id>]", unused. `name` stands in
// errors.
Expected<HfVocabulary> read_hf_vocabulary(const Json& tokenizer, std::uint64_t size,
                                          const std::string& name);

}  // namespace pecia::kernels
