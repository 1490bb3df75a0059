#pragma once
// What a parsed model holds; private to the readers of its formats.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/weights/mapped_file.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {

struct ModelContent {
  std::string path;                  // or the name the caller gave
  std::vector<MappedFile> maps;      // none where the caller owns the bytes
  std::span<const std::byte> bytes;  // what is parsed
  std::uint64_t file_bytes = 0;      // of all files together

  bool facts_only = false;  // nobody reads the weights

  std::uint32_t version = 0;
  std::size_t parts = 1;                                         // files that hold tensors
  std::vector<std::pair<std::string_view, GgufValue>> metadata;  // file order
  std::vector<std::span<const std::byte>> records;               // of metadata, one each
  std::vector<Tensor> tensors;                                   // file order

  // Indices into metadata and tensors, by ascending name. Sorted, not hashed: foreign names can
  // be chosen to collide.
  std::vector<std::uint32_t> metadata_by_name;
  std::vector<std::uint32_t> tensors_by_name;

  // What lies in no file as GGUF would have it: metadata, names, weights that had to be changed.
  std::deque<std::vector<std::byte>> made;
  std::deque<std::string> names;
};

// Fills `content` from content.bytes.
Status parse_gguf(ModelContent& content, const ModelFile::Limits& limits);

// Maps the file at `path` and parses it, as one that may be a part of a model.
Expected<std::shared_ptr<ModelContent>> read_gguf(const std::string& path);

// Sorts the indices of `entries` by name; gives one whose name stands there twice.
template <class Entries, class Name>
std::optional<std::uint32_t> index_by_name(const Entries& entries,
                                           std::vector<std::uint32_t>& order, Name name) {
  order.resize(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&entries, name](std::uint32_t a, std::uint32_t b) {
    return name(entries[a]) < name(entries[b]);
  });
  const auto twin = std::adjacent_find(order.begin(), order.end(),
                                       [&entries, name](std::uint32_t a, std::uint32_t b) {
                                         return name(entries[a]) == name(entries[b]);
                                       });
  if (twin == order.end()) return std::nullopt;
  return *twin;
}

// The index of `name` among `entries`, found in the order that index_by_name() made.
template <class Entries, class Name>
std::optional<std::uint32_t> index_of(std::string_view name, const Entries& entries,
                                      const std::vector<std::uint32_t>& order, Name name_of_entry) {
  const auto at = std::partition_point(order.begin(), order.end(), [&](std::uint32_t index) {
    return name_of_entry(entries[index]) < name;
  });
  if (at == order.end() || name_of_entry(entries[*at]) != name) return std::nullopt;
  return *at;
}

}  // namespace pecia::kernels
