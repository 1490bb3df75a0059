#pragma once
// What a tokenizer.json does to text before it merges, recognised: as the name that GGUF has for
// the cuts of byte-level BPE (tokenizer.ggml.pre), or as the spaces of a SentencePiece vocabulary.
// Recognised by comparing whole steps, not by trying texts: what differs in any step is refused.
// Thread rule: pure.

#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/json_text.hpp"

namespace pecia::kernels {

// The steps of `pre_tokenizer`, sequences laid out flat, one a text: "words" (ByteLevel with its
// own pattern), "bytes" (without it), "digits", "numbers", "split PATTERN", "punctuation ..", or
// the JSON of what is none of these. None where the value is null.
std::vector<std::string> hf_cuts(const Json* pre_tokenizer);

// The name for cuts of byte-level BPE; empty where they are none of those known.
// `ignore_merges`: of the model, for two names stand for the same cuts with and without.
std::string hf_cuts_name(const std::vector<std::string>& cuts, bool ignore_merges);
std::string hf_cuts_names();  // "gpt-2, llama-bpe, ..", for messages

// What SentencePiece does to spaces, whether it stands in `normalizer` or in `pre_tokenizer`.
struct HfSpaces {
  bool prefix = false;         // one in front of the text
  bool extra_removed = false;  // runs of them become one
  bool cut = false;            // no piece has a space but at its begin
};
// Refused: a step that does anything else to the text. `name` stands in errors.
Expected<HfSpaces> hf_spaces(const Json* normalizer, const Json* pre_tokenizer,
                             const std::string& name);

// True where `normalizer` leaves text as it is, or is the NFC of byte-level vocabularies, which
// changes only text that is not composed.
bool hf_keeps_bytes(const Json* normalizer);

}  // namespace pecia::kernels
