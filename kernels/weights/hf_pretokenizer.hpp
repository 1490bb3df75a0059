#pragma once
// What a tokenizer.json does to text before it merges, recognised: as the name that GGUF has for
// the cuts of byte-level BPE (tokenizer.ggml.pre), or as the spaces of a SentencePiece vocabulary.
// Recognised by comparing whole steps, not by trying texts: what differs in any step is refused.
// Thread rule: pure.

#include <optional>
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
  bool prefix = false;          // one in front of the text
  bool prefix_once = false;     // not behind special tokens too
  bool prefix_missing = false;  // not where the text begins with one
  bool extra_removed = false;   // runs of them become one
  bool last_removed = false;    // also the one at the end
  bool marked = false;          // by pre_tokenizer
  bool marked_early = false;    // by normalizer: added tokens may be looked for behind it
  bool cut = false;             // no piece has a space but at its begin
  std::string charsmap;         // how characters are rewritten first, as SentencePiece stores it
};
// Refused: a step that does anything else to the text, and steps that make no marks. `name` stands
// in errors.
Expected<HfSpaces> hf_spaces(const Json* normalizer, const Json* pre_tokenizer,
                             const std::string& name);

// What the normalizer of a byte-level vocabulary does: nothing, or NFC; empty: anything else.
std::optional<bool> hf_composes(const Json* normalizer);

}  // namespace pecia::kernels
