#include "kernels/text/bpe_vocabulary.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint32_t kBeginId = 0;
constexpr std::uint32_t kEndId = 1;

}  // namespace

void add_bpe_vocabulary(GgufHeader& header, const TrainedBpe& bpe) {
  std::vector<std::string> tokens = {std::string(kBpeBeginText), std::string(kBpeEndText)};
  std::vector<std::int32_t> types(tokens.size(), static_cast<std::int32_t>(TokenType::control));
  for (const std::string& symbol : bpe.symbols) tokens.push_back(to_byte_alphabet(symbol));
  types.resize(tokens.size(), static_cast<std::int32_t>(TokenType::normal));
  std::vector<std::string> merges;
  for (const auto& [left, right] : bpe.merges) {
    merges.push_back(to_byte_alphabet(bpe.symbols[left]) + " " +
                     to_byte_alphabet(bpe.symbols[right]));
  }
  header.add_text("tokenizer.ggml.model", "gpt2");
  header.add_text("tokenizer.ggml.pre", kBpePretokenizer);
  header.add_texts("tokenizer.ggml.tokens", tokens);
  header.add_ints("tokenizer.ggml.token_type", types);
  header.add_texts("tokenizer.ggml.merges", merges);
  header.add_u32("tokenizer.ggml.bos_token_id", kBeginId);
  header.add_u32("tokenizer.ggml.eos_token_id", kEndId);
  header.add_u32("tokenizer.ggml.padding_token_id", kEndId);
  header.add_bool("tokenizer.ggml.add_bos_token", true);
  header.add_bool("tokenizer.ggml.add_eos_token", false);
}

Expected<Tokenizer> load_vocabulary(const GgufHeader& header) {
  const std::vector<std::byte> bytes = header.bytes();
  const auto file = ModelFile::parse(bytes, "the trained vocabulary");
  if (!file) return file.error();
  return Tokenizer::load(*file);
}

}  // namespace pecia::kernels
