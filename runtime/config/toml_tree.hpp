#pragma once
// TOML as a tree of plain values with their places: the one place that knows toml++. Bounded in
// length and depth before anything is parsed. Thread rule: pure function, values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/mistakes.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kConfigBytesMax = 256 * 1024;
// Of dots, which is how deep tables can nest: toml++ 3.3 takes a frame of the stack for each.
inline constexpr std::size_t kConfigDotsMax = 4'096;

enum class TomlKind : std::uint8_t { table, array, text, integer, floating, boolean, moment };

struct TomlEntry;

struct TomlValue {
  TomlKind kind = TomlKind::table;
  TomlPlace place;
  std::string text;                 // of a text
  std::int64_t integer = 0;         // of an integer
  std::vector<TomlEntry> entries;   // of a table, by key
  std::vector<TomlValue> elements;  // of an array
};

struct TomlEntry {
  std::string key;
  TomlPlace place;  // of the key
  TomlValue value;
};

// "a table", "a whole number", ...
std::string_view kind_name(TomlKind kind);

// The root table. Nothing where the text is no TOML or beyond a bound: then there is one mistake
// more, for what follows the first fault of the form cannot be told.
std::optional<TomlValue> parse_toml(std::string_view text, Mistakes& mistakes);

}  // namespace pecia::runtime
