#include "kernels/engine/page_names.hpp"

#include <bit>
#include <cassert>

namespace pecia::kernels {
namespace {

static_assert(std::endian::native == std::endian::little, "tokens are hashed as little-endian i32");

// A page without a parent has an empty field, which no 16-byte name can equal.
FieldHash& parent_field(FieldHash& hash, const std::optional<Id>& parent) {
  return parent ? hash.field(*parent) : hash.field(std::string_view{});
}

}  // namespace

Id page_key(const std::optional<Id>& parent, std::span<const TokenId> page_tokens) {
  assert(page_tokens.size() == kPageTokens);
  FieldHash hash;
  return parent_field(hash, parent).field(std::as_bytes(page_tokens)).id();
}

Id PageScope::name(const std::optional<Id>& parent, std::span<const TokenId> page_tokens) const {
  assert(page_tokens.size() == kPageTokens);
  FieldHash hash;
  hash.field(numerics).field(model).field(salt);
  parent_field(hash, parent).field(std::as_bytes(page_tokens)).field(std::string_view{});
  return hash.id();
}

std::vector<Id> PageScope::names(std::span<const TokenId> tokens) const {
  std::vector<Id> names;
  std::optional<Id> parent;
  for (; tokens.size() >= kPageTokens; tokens = tokens.subspan(kPageTokens)) {
    parent = names.emplace_back(name(parent, tokens.first(kPageTokens)));
  }
  return names;
}

}  // namespace pecia::kernels
