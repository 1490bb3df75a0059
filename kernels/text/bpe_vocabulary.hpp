#pragma once
// A trained vocabulary as GGUF metadata. Thread rule: functions are pure.

#include <string_view>

#include "kernels/text/bpe_training.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/gguf_writer.hpp"

namespace pecia::kernels {

inline constexpr std::string_view kBpeBeginText = "<|bos|>";
inline constexpr std::string_view kBpeEndText = "<|eos|>";

// Adds the tokenizer.ggml.* keys: token 0 begins a text, token 1 ends it, then the symbols in their
// order. Every byte is a token, so none is needed for what is unknown; padding is told to be eos.
void add_bpe_vocabulary(GgufHeader& header, const TrainedBpe& bpe);

// Loads what add_bpe_vocabulary() wrote.
Expected<Tokenizer> load_vocabulary(const GgufHeader& header);

}  // namespace pecia::kernels
