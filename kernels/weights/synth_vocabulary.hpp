#pragma once
// A SentencePiece-style vocabulary made by rule: enough to encode any text and to read what comes
// out, of any size from kSynthVocabularyMin on.

#include "kernels/weights/gguf_writer.hpp"

namespace pecia::kernels {

// Adds the tokenizer.ggml.* keys: <unk>, <s>, </s>, 256 byte tokens, then as many as fit of the
// printable ASCII characters and the words a, b, .. z, aa, ab, .. with and without a space before
// them. Earlier pieces have higher scores. REQUIRES size >= kSynthVocabularyMin.
void add_synth_vocabulary(GgufHeader& header, int size);

}  // namespace pecia::kernels
