#pragma once
// The one table of what a config holds. Reading a file, the environment and flags, checking and
// dumping all walk it, so a field is named once and known everywhere.
// Thread rule: immutable.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/config/config.hpp"

namespace pecia::runtime {

// Every value is a number here: of a choice the place of its word in `words`, as in its enum.
struct Field {
  std::string_view table;
  std::string_view key;
  std::string_view unit;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::span<const std::string_view> words;  // empty: a number
  bool has_flag = false;                    // commands may offer --key for it
  std::string_view help;
  std::uint64_t (*get)(const Config&) = nullptr;
  void (*set)(Config&, std::uint64_t) = nullptr;  // REQUIRES least <= value <= most

  bool is_choice() const { return !words.empty(); }
};

// Table by table, in the order of the structs.
std::span<const Field> fields();
std::span<const std::string_view> table_names();
// nullptr where there is none.
const Field* find_field(std::string_view table, std::string_view key);

std::string dotted_name(const Field& field);             // "protocol.report_ms"
std::string environment_name(const Field& field);        // "PECIA_PROTOCOL_REPORT_MS"
std::string environment_prefix(std::string_view table);  // "PECIA_PROTOCOL_"
std::string flag_name(const Field& field);               // "--batch-max"

std::string toml_value(const Field& field, std::uint64_t value);  // "250", "\"off\""
std::string allowed_values(const Field& field);  // "1 to 64 workers", "\"off\" or \"local\""

}  // namespace pecia::runtime
