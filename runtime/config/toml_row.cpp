#include "runtime/config/toml_row.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

TomlRow::TomlRow(std::string_view label, TomlPlace place, const TomlValue& value,
                 Mistakes& mistakes)
    : label_(label), place_(place), value_(value), mistakes_(mistakes) {
  if (value.kind == TomlKind::table) return;
  mistakes.add(place, "this is {}; it is a table, begun by a line {}", kind_name(value.kind),
               label);
}

void TomlRow::refuse_others(std::span<const std::string_view> known) const {
  for (const TomlEntry& entry : value_.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    mistakes_.add(entry.place, "{} has no key {}; the nearest is '{}'", label_,
                  runtime::quoted(entry.key), nearest(entry.key, known));
  }
}

const TomlValue* TomlRow::find(std::string_view key) const {
  const auto found = std::ranges::find(value_.entries, key, &TomlEntry::key);
  return found == value_.entries.end() ? nullptr : &found->value;
}

const TomlValue* TomlRow::need(std::string_view key, std::string_view what) const {
  const TomlValue* value = find(key);
  if (value == nullptr && value_.kind == TomlKind::table) {
    mistakes_.add(place_, "{} has no {}; give {} = {}", label_, key, key, what);
  }
  return value;
}

std::optional<std::string> TomlRow::text_of(std::string_view key, const TomlValue& value) const {
  if (value.kind == TomlKind::text) return value.text;
  mistakes_.add(value.place, "{} is {}; give a text in quotes", key, kind_name(value.kind));
  return {};
}

std::optional<std::string> TomlRow::text(std::string_view key) const {
  const TomlValue* value = find(key);
  return value == nullptr ? std::nullopt : text_of(key, *value);
}

std::optional<std::string> TomlRow::needed_text(std::string_view key, std::string_view what) const {
  const TomlValue* value = need(key, what);
  return value == nullptr ? std::nullopt : text_of(key, *value);
}

std::optional<std::string> TomlRow::path(std::string_view key, const std::string& folder) const {
  const auto given = text(key);
  if (!given) return {};
  if (given->empty()) {
    mistakes_.add(place_of(key), "{} is empty; give a path, or leave it out", key);
    return {};
  }
  if (std::ranges::any_of(*given, is_control)) {
    mistakes_.add(place_of(key), "{} = {} holds a control character; give another path", key,
                  runtime::quoted(*given));
    return {};
  }
  std::string path = resolved_path(folder, *given);
  if (path.size() <= kFilePathBytesMax) return path;
  mistakes_.add(place_of(key), "{} is a path of {} bytes; give one of at most {}", key, path.size(),
                kFilePathBytesMax);
  return {};
}

std::optional<int> TomlRow::number(std::string_view key, int least, int most,
                                   std::string_view unit) const {
  const TomlValue* value = find(key);
  if (value == nullptr) return {};
  if (value->kind != TomlKind::integer) {
    mistakes_.add(value->place, "{} is {}; give a whole number, {} to {} {}", key,
                  kind_name(value->kind), least, most, unit);
    return {};
  }
  if (value->integer < least || value->integer > most) {
    mistakes_.add(value->place, "{} = {} is out of range; give {} to {} {}", key, value->integer,
                  least, most, unit);
    return {};
  }
  return static_cast<int>(value->integer);
}

TomlPlace TomlRow::place_of(std::string_view key) const {
  const TomlValue* value = find(key);
  return value == nullptr ? place_ : value->place;
}

std::string resolved_path(const std::string& folder, std::string_view path) {
  assert(folder.starts_with('/'));
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

}  // namespace pecia::runtime
