#pragma once
// Tokenizers for tests: the vocabularies beside the repository, and small ones written as GGUF.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/tokenizer.hpp"
#include "kernels/text/tokenizer_bytes.hpp"

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

// The bytes of a GGUF file (version 3, no tensors), key by key.
class VocabularyFile {
 public:
  VocabularyFile& text(std::string_view key, std::string_view value) {
    return entry(key, 8), put_text(value), *this;
  }
  VocabularyFile& number(std::string_view key, std::uint32_t value) {
    return entry(key, 4), put(value), *this;
  }
  VocabularyFile& flag(std::string_view key, bool value) {
    return entry(key, 7), put(static_cast<std::uint8_t>(value)), *this;
  }
  VocabularyFile& texts(std::string_view key, const std::vector<std::string>& values) {
    entry(key, 9), put(std::uint32_t{8}), put(std::uint64_t{values.size()});
    for (const std::string& value : values) put_text(value);
    return *this;
  }
  VocabularyFile& floats(std::string_view key, const std::vector<float>& values) {
    return array(key, 6, values);
  }
  VocabularyFile& ints(std::string_view key, const std::vector<std::int32_t>& values) {
    return array(key, 5, values);
  }

  std::string bytes() const {
    std::string file("GGUF\3\0\0\0\0\0\0\0\0\0\0\0", 16);
    file.append(reinterpret_cast<const char*>(&entries_), sizeof entries_);
    return file + body_;
  }

  Expected<Tokenizer> load() const {
    const std::string file = bytes();
    const auto gguf = Gguf::parse(std::as_bytes(std::span(file)), "test.gguf");
    if (!gguf) return gguf.error();
    return Tokenizer::load(*gguf);
  }

 private:
  template <class T>
  void put(T value) {
    body_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_text(std::string_view text) { put(std::uint64_t{text.size()}), body_.append(text); }
  void entry(std::string_view key, std::uint32_t type) { put_text(key), put(type), ++entries_; }
  template <class T>
  VocabularyFile& array(std::string_view key, std::uint32_t type, const std::vector<T>& values) {
    entry(key, 9), put(type), put(std::uint64_t{values.size()});
    for (const T value : values) put(value);
    return *this;
  }

  std::string body_;
  std::uint64_t entries_ = 0;
};

// Byte-level BPE over all 256 bytes, then the results of `merges` ("left right"), then `control`.
inline VocabularyFile byte_vocabulary(const std::vector<std::string>& merges,
                                      const std::vector<std::string>& control = {}) {
  std::vector<std::string> tokens;
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

struct ScoredToken {
  std::string text;
  float score = 0;
  std::int32_t type = 1;
};

// SentencePiece style: <unk>, <s>, </s>, the 256 byte tokens, then `tokens`.
inline VocabularyFile sentencepiece_vocabulary(const std::vector<ScoredToken>& tokens) {
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
  file.text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", texts);
  file.floats("tokenizer.ggml.scores", scores).ints("tokenizer.ggml.token_type", types);
  return file;
}

inline Tokenizer open_vocabulary(std::string_view name) {
  return Tokenizer::load(Gguf::open(vocabulary_path(name)).value()).value();
}

}  // namespace pecia::kernels::test
