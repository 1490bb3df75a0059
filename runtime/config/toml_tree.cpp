#include "runtime/config/toml_tree.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace pecia::runtime {

namespace {

TomlPlace place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

TomlKind kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return TomlKind::table;
    case toml::node_type::array:
      return TomlKind::array;
    case toml::node_type::string:
      return TomlKind::text;
    case toml::node_type::integer:
      return TomlKind::integer;
    case toml::node_type::floating_point:
      return TomlKind::floating;
    case toml::node_type::boolean:
      return TomlKind::boolean;
    default:
      return TomlKind::moment;
  }
}

// As deep as check_bounds() and toml++'s own bound on nested values allow.
TomlValue plain(const toml::node& node) {
  TomlValue value;
  value.kind = kind_of(node);
  value.place = place_of(node.source());
  if (const auto* text = node.as_string()) value.text = text->get();
  if (const auto* number = node.as_integer()) value.integer = number->get();
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, inner] : *table) {
      value.entries.push_back({std::string(key.str()), place_of(key.source()), plain(inner)});
    }
  }
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& inner : *array) value.elements.push_back(plain(inner));
  }
  return value;
}

bool is_within_bounds(std::string_view text, Mistakes& mistakes) {
  if (text.size() > kConfigBytesMax) {
    mistakes.add_whole(
        fmt::format("{} bytes; a config has at most {}", text.size(), kConfigBytesMax));
    return false;
  }
  const auto dots = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
  if (dots > kConfigDotsMax) {
    mistakes.add_whole(fmt::format("{} dots; a config has at most {}", dots, kConfigDotsMax));
    return false;
  }
  return true;
}

}  // namespace

std::string_view kind_name(TomlKind kind) {
  switch (kind) {
    case TomlKind::table:
      return "a table";
    case TomlKind::array:
      return "an array";
    case TomlKind::text:
      return "a text";
    case TomlKind::integer:
      return "a whole number";
    case TomlKind::floating:
      return "a number with a point";
    case TomlKind::boolean:
      return "a truth value";
    case TomlKind::moment:
      return "a date or time";
  }
  return "";
}

// toml++ as the distributions build it throws; nothing else here does.
std::optional<TomlValue> parse_toml(std::string_view text, Mistakes& mistakes) {
  if (!is_within_bounds(text, mistakes)) return {};
  try {
    return plain(toml::parse(text));
  } catch (const toml::parse_error& error) {
    std::string why(error.description());
    std::replace_if(
        why.begin(), why.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
    mistakes.add(place_of(error.source()), "{}; write it as TOML: KEY = VALUE below a [TABLE]",
                 why);
    return {};
  }
}

}  // namespace pecia::runtime
