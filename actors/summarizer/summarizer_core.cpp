#include "actors/summarizer/summarizer_core.hpp"

#include "kernels/text/extractive_summary.hpp"

namespace pecia::actors {

namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// From a character on, where the text has such.
std::string_view end_of(std::string_view text, std::size_t bytes_max) {
  constexpr std::size_t kContinuationsMax = 3;  // bytes of a character behind its first
  if (text.size() <= bytes_max) return text;
  text.remove_prefix(text.size() - bytes_max);
  for (std::size_t i = 0; i < kContinuationsMax && !text.empty(); ++i) {
    if (continues_character(text.front())) text.remove_prefix(1);
  }
  return text;
}

}  // namespace

kernels::Expected<std::string> summarize(std::string_view text, std::size_t tokens_max,
                                         const kernels::Tokenizer& tokenizer) {
  const auto tokens_of = [&](std::string_view piece) {
    return tokenizer.encode(piece, {.add_bos = false, .parse_special = false}).size();
  };
  return kernels::extractive_summary(end_of(text, kernels::kSlicedTextBytesMax), tokens_max,
                                     tokens_of);
}

}  // namespace pecia::actors
