#pragma once
// GGUF files for tests, put together byte by byte so that any field can be wrong.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/weights/gguf_format.hpp"
#include "kernels/weights/model_file.hpp"

class GgufBytes {
 public:
  template <class T>
  GgufBytes& number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  GgufBytes& u32(std::uint32_t value) { return number(value); }
  GgufBytes& u64(std::uint64_t value) { return number(value); }
  GgufBytes& text(std::string_view text) {
    u64(text.size());
    bytes_.append(text);
    return *this;
  }
  GgufBytes& header(std::uint64_t tensors, std::uint64_t metadata, std::uint32_t version = 3) {
    return u32(pecia::kernels::kGgufMagic).u32(version).u64(tensors).u64(metadata);
  }
  GgufBytes& key(std::string_view key, std::uint32_t type) { return text(key).u32(type); }
  GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                    std::uint32_t type, std::uint64_t offset) {
    text(name).u32(static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t entries : shape) u64(entries);
    return u32(type).u64(offset);
  }
  // Zeros up to the alignment, then `count` bytes of tensor data.
  GgufBytes& tensor_data(std::size_t count, std::size_t alignment = 32) {
    bytes_.resize(pecia::kernels::align_up(bytes_.size(), alignment) + count, '\0');
    return *this;
  }

  std::string& bytes() { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

// `bytes` must outlive the result.
inline pecia::kernels::Expected<pecia::kernels::ModelFile> parse(
    const std::string& bytes, pecia::kernels::ModelFile::Limits limits = {}) {
  return pecia::kernels::ModelFile::parse(std::as_bytes(std::span(bytes)), "t.gguf", limits);
}
inline pecia::kernels::Expected<pecia::kernels::ModelFile> parse(
    GgufBytes& bytes, pecia::kernels::ModelFile::Limits limits = {}) {
  return parse(bytes.bytes(), limits);
}
