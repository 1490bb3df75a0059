#include "runtime/config/toml_file.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

namespace {

// Tables of cluster_file.hpp.
constexpr std::array<std::string_view, 3> kClusterTables = {"cluster", "security", "node"};

std::string table_list() {
  std::string list;
  for (const std::string_view table : table_names()) {
    list += fmt::format("{}[{}]", list.empty() ? "" : ", ", table);
  }
  return list;
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void set_field(const Field& field, const TomlValue& value, LayeredConfig& config,
               Mistakes& mistakes) {
  const Origin origin{Source::file, mistakes.name(value.place)};
  Status set;
  if (!field.is_choice() && value.kind == TomlKind::integer) {
    set = config.set_number(field, value.integer, origin);
  } else if (field.is_choice() && value.kind == TomlKind::text) {
    set = config.set_word(field, value.text, origin);
  } else {
    return mistakes.add(value.place, "{} is {}; give {}{}", dotted_name(field),
                        kind_name(value.kind), field.is_choice() ? "" : "a whole number, ",
                        allowed_values(field));
  }
  if (!set) mistakes.add(value.place, set.error());
}

void read_key(std::string_view table, const TomlEntry& entry, LayeredConfig& config,
              Mistakes& mistakes) {
  if (const Field* field = find_field(table, entry.key)) {
    return set_field(*field, entry.value, config, mistakes);
  }
  std::vector<std::string_view> known;
  for (const Field& field : fields()) {
    if (field.table == table) known.push_back(field.key);
  }
  mistakes.add(entry.place, "[{}] has no key {}; the nearest is '{}'", table, quoted(entry.key),
               nearest(entry.key, known));
}

void refuse_unknown(const TomlEntry& entry, Mistakes& mistakes) {
  const TomlKind kind = entry.value.kind;
  if (contains(kClusterTables, entry.key)) {
    mistakes.add(entry.place,
                 "{} belongs to the config of a cluster; give this file to 'pecia up' "
                 "or 'pecia node', or take the table out",
                 quoted(entry.key));
  } else if (kind != TomlKind::table && kind != TomlKind::array) {
    mistakes.add(entry.place, "the key {} stands in no table; put it below one of {}",
                 quoted(entry.key), table_list());
  } else {
    mistakes.add(entry.place, "there is no table {}; the nearest is [{}]", quoted(entry.key),
                 nearest(entry.key, table_names()));
  }
}

}  // namespace

void read_settings(const TomlEntry& table, LayeredConfig& config, Mistakes& mistakes) {
  assert(contains(table_names(), table.key));
  if (table.value.kind != TomlKind::table) {
    return mistakes.add(table.value.place, "{0} is {1}; it is a table, begun by a line [{0}]",
                        table.key, kind_name(table.value.kind));
  }
  for (const TomlEntry& entry : table.value.entries) {
    read_key(table.key, entry, config, mistakes);
  }
}

Status read_toml(std::string_view text, const std::string& name, LayeredConfig& config) {
  Mistakes mistakes(name);
  if (const auto root = parse_toml(text, mistakes)) {
    for (const TomlEntry& entry : root->entries) {
      if (contains(table_names(), entry.key)) {
        read_settings(entry, config, mistakes);
      } else {
        refuse_unknown(entry, mistakes);
      }
    }
  }
  if (mistakes.empty()) return {};
  return fail(ErrorKind::refuse, "{}", mistakes.lines().front());
}

}  // namespace pecia::runtime
