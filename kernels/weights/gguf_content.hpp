#pragma once
// What a parsed GGUF file holds; private to the reader.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/weights/gguf.hpp"
#include "kernels/weights/mapped_file.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {

struct GgufContent {
  std::string path;  // or the name the caller gave
  MappedFile map;    // empty where the caller owns the bytes
  std::span<const std::byte> bytes;

  std::uint32_t version = 0;
  std::vector<std::pair<std::string_view, GgufValue>> metadata;  // file order
  std::vector<std::span<const std::byte>> records;               // of metadata, one each
  std::vector<Tensor> tensors;                                   // file order

  // Indices into metadata and tensors, by ascending name. Sorted, not hashed: foreign names can
  // be chosen to collide.
  std::vector<std::uint32_t> metadata_by_name;
  std::vector<std::uint32_t> tensors_by_name;
};

// Fills `content` from content.bytes.
Status parse_gguf(GgufContent& content, const Gguf::Limits& limits);

}  // namespace pecia::kernels
