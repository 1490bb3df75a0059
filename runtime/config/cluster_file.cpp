#include "runtime/config/cluster_file.hpp"

#include <algorithm>
#include <array>

#include "runtime/config/foreign_words.hpp"
#include "runtime/config/node_rows.hpp"
#include "runtime/config/toml_file.hpp"
#include "runtime/config/toml_row.hpp"

namespace pecia::runtime {

namespace {

using Words = std::vector<std::string_view>;

constexpr std::array<std::string_view, 2> kClusterKeys = {"name", "data_dir"};
constexpr std::array<std::string_view, 1> kSecurityKeys = {"secret_file"};

const TomlEntry* find(const TomlValue& root, std::string_view key) {
  const auto found = std::ranges::find(root.entries, key, &TomlEntry::key);
  return found == root.entries.end() ? nullptr : &*found;
}

bool is_settings(std::string_view table) {
  return std::ranges::find(table_names(), table) != table_names().end();
}

void refuse_unknown_tables(const TomlValue& root, Mistakes& mistakes) {
  Words known(table_names().begin(), table_names().end());
  known.insert(known.begin(), {"cluster", "security", "node"});
  for (const TomlEntry& entry : root.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const std::string_view near = nearest(entry.key, known);
    mistakes.add(entry.place, "there is no table {}; the nearest is {}{}{}", quoted(entry.key),
                 near == "node" ? "[[" : "[", near, near == "node" ? "]]" : "]");
  }
}

std::string variable(std::span<const std::string_view> environment, std::string_view name) {
  for (const std::string_view entry : environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return std::string(entry.substr(name.size() + 1));
    }
  }
  return {};
}

// As the XDG base directories say; a relative XDG_STATE_HOME counts as none there. Empty where
// nothing says a place.
std::string default_data_dir(std::span<const std::string_view> environment,
                             const std::string& cluster) {
  std::string state = variable(environment, "XDG_STATE_HOME");
  if (!state.starts_with('/')) {
    const std::string home = variable(environment, "HOME");
    if (!home.starts_with('/')) return {};
    state = home + "/.local/state";
  }
  return resolved_path(state, "pecia/" + cluster);
}

void read_data_dir(const TomlRow& row, const ClusterSources& sources, ClusterConfig& cluster,
                   Mistakes& mistakes) {
  const TomlPlace place = row.place_of("data_dir");
  cluster.data_dir_place = mistakes.name(place);
  if (row.find("data_dir") == nullptr) {
    cluster.data_dir = default_data_dir(sources.environment, cluster.name);
    if (!cluster.data_dir.empty()) return;
    return mistakes.add(place,
                        "[cluster] has no data_dir, and neither XDG_STATE_HOME nor HOME "
                        "says where state belongs; give data_dir = \"FOLDER\"");
  }
  if (const auto path = row.path("data_dir", sources.folder)) cluster.data_dir = *path;
}

void read_cluster_table(const TomlValue& root, const ClusterSources& sources,
                        ClusterConfig& cluster, Mistakes& mistakes) {
  const TomlEntry* entry = find(root, "cluster");
  if (entry == nullptr) {
    return mistakes.add({}, "there is no table [cluster]; begin with one that has name = \"NAME\"");
  }
  const TomlRow row("[cluster]", entry->place, entry->value, mistakes);
  if (entry->value.kind != TomlKind::table) return;
  row.refuse_others(kClusterKeys);
  const auto name = row.needed_text("name", "\"NAME\"");
  if (name && !is_cluster_word(*name)) {
    mistakes.add(
        row.place_of("name"),
        "the cluster's name {} does not do; give 1 to {} of a-z, 0-9 and '-', no '-' first",
        quoted(*name), kNodeNameBytesMax);
  } else if (name) {
    cluster.name = *name;
  }
  read_data_dir(row, sources, cluster, mistakes);
}

void read_security(const TomlValue& root, const std::string& folder, ClusterConfig& cluster,
                   Mistakes& mistakes) {
  const TomlEntry* entry = find(root, "security");
  if (entry == nullptr) return;
  const TomlRow row("[security]", entry->place, entry->value, mistakes);
  row.refuse_others(kSecurityKeys);
  if (row.find("secret_file") == nullptr) return;
  cluster.secret_place = mistakes.name(row.place_of("secret_file"));
  if (const auto path = row.path("secret_file", folder)) cluster.secret_file = *path;
}

void read_limits(const TomlValue& root, const ClusterSources& sources, LayeredConfig& layers,
                 Mistakes& of_file, std::vector<std::string>& of_others) {
  Mistakes of_settings(of_file.file());
  for (const TomlEntry& entry : root.entries) {
    if (is_settings(entry.key)) read_settings(entry, layers, of_settings);
  }
  of_others = read_variables(sources.environment, layers);
  for (const auto& [field, text] : sources.flags) {
    const auto set = layers.set_text(*field, text, {Source::flag, flag_name(*field)});
    if (!set) of_others.push_back(set.error().message);
  }
  const bool fine = of_settings.empty() && of_others.empty();
  of_file.take_over(std::move(of_settings));
  if (fine) of_others = layers.broken_rules();
}

}  // namespace

std::optional<ClusterFile> read_cluster(const ClusterSources& sources,
                                        std::vector<std::string>& mistakes) {
  Mistakes found(sources.name);
  std::vector<std::string> of_others;
  ClusterFile file;
  if (const auto root = parse_toml(sources.text, found)) {
    refuse_unknown_tables(*root, found);
    read_limits(*root, sources, file.layers, found, of_others);
    ClusterConfig& cluster = file.cluster;
    cluster.limits = file.layers.config();
    read_cluster_table(*root, sources, cluster, found);
    read_security(*root, sources.folder, cluster, found);
    const TomlEntry* rows = find(*root, "node");
    if (rows == nullptr) {
      found.add({},
                "there is no [[node]]; give one for each process, the first with the role "
                "\"coordinator\"");
    } else {
      cluster.nodes =
          read_nodes(rows->value, sources.folder, cluster.limits.write.batch_max, found);
      check_nodes(rows->value, cluster.nodes, !cluster.secret_place.empty(), found);
    }
  }
  const bool fine = found.empty() && of_others.empty();
  const std::vector<std::string> lines = found.lines();
  mistakes.insert(mistakes.end(), lines.begin(), lines.end());
  mistakes.insert(mistakes.end(), of_others.begin(), of_others.end());
  if (!fine) return {};
  return file;
}

}  // namespace pecia::runtime
