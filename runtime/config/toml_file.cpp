#include "runtime/config/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cassert>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

std::string place_of(const std::string& name, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", name, region.begin.line, region.begin.column);
}

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a point";
    case toml::node_type::boolean:
      return "a truth value";
    default:
      return "a date or time";
  }
}

std::string table_list() {
  std::string list;
  for (const std::string_view table : table_names()) {
    list += fmt::format("{}[{}]", list.empty() ? "" : ", ", table);
  }
  return list;
}

Status set_field(const Field& field, const toml::node& node, const std::string& name,
                 LayeredConfig& config) {
  Origin origin{Source::file, place_of(name, node.source())};
  const auto* number = node.as_integer();
  const auto* text = node.as_string();
  if (!field.is_choice() && number != nullptr) {
    return config.set_number(field, number->get(), std::move(origin));
  }
  if (field.is_choice() && text != nullptr) {
    return config.set_word(field, text->get(), std::move(origin));
  }
  return fail(ErrorKind::refuse, "{}: {} is {}; give {}{}", origin.place, dotted_name(field),
              type_name(node), field.is_choice() ? "" : "a whole number, ", allowed_values(field));
}

Status read_key(std::string_view table, const toml::key& key, const toml::node& node,
                const std::string& name, LayeredConfig& config) {
  if (const Field* field = find_field(table, key.str())) {
    return set_field(*field, node, name, config);
  }
  std::vector<std::string_view> known;
  for (const Field& field : fields()) {
    if (field.table == table) known.push_back(field.key);
  }
  return fail(ErrorKind::refuse, "{}: [{}] has no key {}; the nearest is '{}'",
              place_of(name, key.source()), table, quoted(key.str()), nearest(key.str(), known));
}

Status read_table(const toml::key& key, const toml::node& node, const std::string& name,
                  LayeredConfig& config) {
  const auto tables = table_names();
  const std::string_view table = key.str();
  const bool known = std::find(tables.begin(), tables.end(), table) != tables.end();
  const toml::table* keys = node.as_table();
  if (!known && keys == nullptr && !node.is_array()) {
    return fail(ErrorKind::refuse, "{}: the key {} stands in no table; put it below one of {}",
                place_of(name, key.source()), quoted(table), table_list());
  }
  if (!known) {
    return fail(ErrorKind::refuse, "{}: there is no table {}; the nearest is [{}]",
                place_of(name, key.source()), quoted(table), nearest(table, tables));
  }
  if (keys == nullptr) {
    return fail(ErrorKind::refuse, "{}: {} is {}; it is a table, begun by a line [{}]",
                place_of(name, node.source()), table, type_name(node), table);
  }
  for (const auto& [inner, value] : *keys) {
    if (Status read = read_key(table, inner, value, name, config); !read) return read;
  }
  return {};
}

Status check_bounds(std::string_view text, const std::string& name) {
  if (text.size() > kConfigBytesMax) {
    return fail(ErrorKind::refuse, "{}: {} bytes; a config has at most {}", name, text.size(),
                kConfigBytesMax);
  }
  const auto dots = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
  if (dots > kConfigDotsMax) {
    return fail(ErrorKind::refuse, "{}: {} dots; a config has at most {}", name, dots,
                kConfigDotsMax);
  }
  return {};
}

// toml++ as the distributions build it throws; nothing else here does.
Expected<toml::table> parse(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    std::string why(error.description());
    std::replace_if(
        why.begin(), why.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
    return fail(ErrorKind::refuse, "{}: {}; write it as TOML: KEY = VALUE below a [TABLE]",
                place_of(name, error.source()), why);
  }
}

}  // namespace

Status read_toml(std::string_view text, const std::string& name, LayeredConfig& config) {
  if (Status bounds = check_bounds(text, name); !bounds) return bounds;
  const Expected<toml::table> root = parse(text, name);
  if (!root) return root.error();
  for (const auto& [key, node] : *root) {
    if (Status read = read_table(key, node, name, config); !read) return read;
  }
  return {};
}

}  // namespace pecia::runtime
