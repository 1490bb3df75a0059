#pragma once
// Whether bytes are the page that a name stands for: what a cache of pages asks.
// Thread rule: pure function.

#include <cstddef>
#include <optional>
#include <span>

#include "kernels/base/hash.hpp"
#include "kernels/engine/page_codec.hpp"

namespace pecia {

inline bool is_page_of(const kernels::Id& name, const std::optional<kernels::Id>& parent,
                       std::span<const std::byte> bytes) {
  const auto page = kernels::decode_page(bytes);
  return page && page->header.name.name == name && page->header.name.parent == parent;
}

}  // namespace pecia
