#pragma once
// Tokenizer metadata written as GGUF, to test what reads it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels::test {

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

  VocabularyFile& raw(std::string_view key, std::string_view values) {
    return array(key, 0, std::vector<std::uint8_t>(values.begin(), values.end()));
  }

  std::string bytes() const {
    std::string file("GGUF\3\0\0\0\0\0\0\0\0\0\0\0", 16);
    file.append(reinterpret_cast<const char*>(&entries_), sizeof entries_);
    return file + body_;
  }

  Expected<Tokenizer> load() const {
    const std::string file = bytes();
    const auto gguf = ModelFile::parse(std::as_bytes(std::span(file)), "test.gguf");
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

}  // namespace pecia::kernels::test
