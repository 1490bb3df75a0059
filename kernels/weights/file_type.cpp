#include "kernels/weights/file_type.hpp"

#include <strings.h>

#include <array>
#include <string>

namespace pecia::kernels {
namespace {

constexpr std::uint32_t kQuantisationVersion = 2;  // ggml's block layouts since May 2023

struct FileType {
  TensorType type;
  std::uint32_t number;
};
constexpr std::array<FileType, 4> kFileTypes{
    {{TensorType::f32, 0}, {TensorType::f16, 1}, {TensorType::q4_0, 2}, {TensorType::q8_0, 7}}};

}  // namespace

void add_file_type(GgufHeader& header, TensorType type) {
  for (const FileType& entry : kFileTypes) {
    if (entry.type == type) header.add_u32(kFileTypeKey, entry.number);
  }
  if (traits_of(type)->block_elements > 1) {
    header.add_u32(kQuantisationVersionKey, kQuantisationVersion);
  }
}

TensorType weight_type_for(std::span<const std::uint64_t> shape, TensorType target) {
  if (shape.size() == 1) return TensorType::f32;
  return shape[0] % traits_of(target)->block_elements == 0 ? target : TensorType::f16;
}

std::optional<TensorType> weight_type_named(std::string_view name) {
  for (const FileType& entry : kFileTypes) {
    const std::string known(traits_of(entry.type)->name);
    if (known.size() == name.size() && ::strncasecmp(known.data(), name.data(), name.size()) == 0) {
      return entry.type;
    }
  }
  return std::nullopt;
}

}  // namespace pecia::kernels
