#pragma once
// Tokenizers for tests: the vocabularies beside the repository, and small ones written as GGUF.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/tokenizer.hpp"
#include "kernels/text/tokenizer_bytes.hpp"
#include "tests/unit/text/tokenizer_gguf.hpp"

namespace pecia::kernels::test {

inline std::string vocabulary_path(std::string_view name) {
  return std::string(PECIA_SHARED_DIR "/vocab/ggml-vocab-").append(name).append(".gguf");
}

inline bool has_vocabulary(std::string_view name) {
  return std::filesystem::exists(vocabulary_path(name));
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Byte-level BPE over all 256 bytes, then the results of `merges` ("left right"), then `control`.
inline VocabularyFile byte_vocabulary(const std::vector<std::string>& merges,
                                      const std::vector<std::string>& control = {}) {
  std::vector<std::string> tokens;
  tokens.reserve(256 + merges.size() + control.size());
  for (int byte = 0; byte < 256; ++byte) {
    tokens.push_back(to_byte_alphabet(std::string(1, static_cast<char>(byte))));
  }
  for (std::string merge : merges) tokens.push_back(merge.erase(merge.find(' '), 1));
  std::vector<std::int32_t> types(tokens.size(), 1);
  tokens.insert(tokens.end(), control.begin(), control.end());
  types.resize(tokens.size(), 3);
  VocabularyFile file;
  file.text("tokenizer.ggml.model", "gpt2").texts("tokenizer.ggml.tokens", tokens);
  return file.ints("tokenizer.ggml.token_type", types).texts("tokenizer.ggml.merges", merges);
}

// Takes out of `text` the bytes that the vocabulary has no token for, and counts these.
inline int drop_bytes_without_token(const Tokenizer& tokenizer, std::string& text) {
  int missing = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    if (tokenizer.decode(tokenizer.encode(one, {})) == one) continue;
    ++missing;
    std::erase(text, one.front());
  }
  return missing;
}

struct ScoredToken {
  std::string text;
  float score = 0;
  std::int32_t type = 1;
};

// SentencePiece style: <unk>, <s>, </s>, the 256 byte tokens, then `tokens`.
inline VocabularyFile sentencepiece_vocabulary(const std::vector<ScoredToken>& tokens,
                                               std::string_view kind = "llama") {
  std::vector<ScoredToken> all{{"<unk>", 0, 2}, {"<s>", 0, 3}, {"</s>", 0, 3}};
  for (int byte = 0; byte < 256; ++byte) all.push_back({fmt::format("<0x{:02X}>", byte), 0, 6});
  all.insert(all.end(), tokens.begin(), tokens.end());
  std::vector<std::string> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  for (const ScoredToken& token : all) {
    texts.push_back(token.text), scores.push_back(token.score), types.push_back(token.type);
  }
  VocabularyFile file;
  file.text("tokenizer.ggml.model", kind).texts("tokenizer.ggml.tokens", texts);
  file.floats("tokenizer.ggml.scores", scores).ints("tokenizer.ggml.token_type", types);
  return file;
}

inline Tokenizer open_vocabulary(std::string_view name) {
  return Tokenizer::load(ModelFile::open(vocabulary_path(name)).value()).value();
}

}  // namespace pecia::kernels::test
