#pragma once
// What the tests of the config share: one value a field that is not its default, and short ways to
// read and to compare.

#include <string>
#include <string_view>

#include "runtime/config/fields.hpp"
#include "runtime/config/layers.hpp"
#include "runtime/config/toml_file.hpp"

namespace pecia::runtime::tests {

inline std::uint64_t default_of(const Field& field) { return field.get(Config{}); }

// In range, and the default of no field.
inline std::uint64_t other_value(const Field& field) {
  return default_of(field) == field.most ? field.least : field.most;
}

// As it stands in a variable or a flag.
inline std::string bare_value(const Field& field, std::uint64_t value) {
  return field.is_choice() ? std::string(field.words[value]) : toml_value(field, value);
}

inline std::string as_toml(const Field& field, std::string_view value) {
  return fmt::format("[{}]\n{} = {}\n", field.table, field.key, value);
}

// Every field of the two is the same.
inline bool same(const Config& a, const Config& b) {
  for (const Field& field : fields()) {
    if (field.get(a) != field.get(b)) return false;
  }
  return true;
}

// The message of a text that is refused, by itself or by what it sets together; "" where it is not.
inline std::string refusal(std::string_view text) {
  LayeredConfig config;
  const kernels::Status read = read_toml(text, "x.toml", config);
  if (!read) return read.error().message;
  const kernels::Status fine = config.check();
  return fine ? "" : fine.error().message;
}

}  // namespace pecia::runtime::tests
