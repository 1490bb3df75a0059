#pragma once
// Names, bytes and nodes for tests of the cache.

#include <string>
#include <vector>

#include "actors/cache/named_bytes_core.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::actors::test {

inline Id name_of(std::uint64_t number) { return kernels::FieldHash().field(number).id(); }

// `size` bytes that say whose they are in the first of them.
inline std::vector<std::byte> bytes_of(std::uint64_t number, std::size_t size) {
  return std::vector<std::byte>(size, static_cast<std::byte>(number));
}

inline SharedBytes shared_bytes(std::uint64_t number, std::size_t size) {
  return std::make_shared<const std::vector<std::byte>>(bytes_of(number, size));
}

inline bool any_bytes(const Id&, const std::optional<Id>&, std::span<const std::byte>) {
  return true;
}

inline runtime::NodeBoot node(std::string name, runtime::Boot boot = 1) {
  return {std::move(name), boot};
}

}  // namespace pecia::actors::test
