#pragma once
// Integers of our own formats, lowest byte first. Thread rule: pure functions.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pecia::runtime {

template <std::unsigned_integral Integer>
constexpr void store_little(Integer value, std::byte* to) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to[i] = static_cast<std::byte>((std::uint64_t{value} >> (8 * i)) & 0xFF);
  }
}

template <std::unsigned_integral Integer>
constexpr Integer load_little(const std::byte* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
  }
  return static_cast<Integer>(value);
}

}  // namespace pecia::runtime
