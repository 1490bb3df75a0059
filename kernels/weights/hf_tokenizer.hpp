#pragma once
// A Hugging Face tokenizer.json as GGUF metadata, tokenizer.ggml.*: byte-level BPE becomes "gpt2",
// SentencePiece BPE "llama", unigram "t5". A "llama" vocabulary whose merges its scores cannot say
// carries tokenizer.ggml.merges beside them, which this program reads and others may not know.
// What decides the tokens of a text is taken over exactly, or refused by one line that names it.
// What GGUF has no key for goes into keys of this program's own (vocabulary_format.hpp). Not taken
// over: truncation, padding; and special tokens are found in the text as it is, also where
// `normalized` asks for the text behind the normalizer, in which older llama files lose them.
// Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/json_text.hpp"

namespace pecia::kernels {

// The files of one folder; nullptr for one that is not there.
struct HfTokenizerFiles {
  const Json* tokenizer = nullptr;           // tokenizer.json
  const Json* settings = nullptr;            // tokenizer_config.json
  const Json* config = nullptr;              // config.json
  const Json* generation = nullptr;          // generation_config.json
  std::optional<std::string> chat_template;  // chat_template.jinja
};

// `vocabulary`: rows of the embedding; ids without a token become unused ones. `folder` stands in
// errors, before the file's name. REQUIRES files.tokenizer.
Status add_hf_tokenizer(const HfTokenizerFiles& files, std::uint64_t vocabulary,
                        const std::string& folder, GgufHeader& header);

}  // namespace pecia::kernels
