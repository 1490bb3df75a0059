#include "runtime/config/dump.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/config/foreign_words.hpp"

namespace pecia::runtime {

namespace {

constexpr std::size_t kColumnsMax = 100;

constexpr std::string_view kPreface =
    "A flag outweighs the environment (PECIA_TABLE_KEY), that a config file, and that the default. "
    "A file may leave out what it does not change. 'pecia write --dump-config' prints this for the "
    "settings in force.";

constexpr std::string_view kClusterPreface =
    "One file for all nodes: 'pecia up --config FILE' starts those of this machine, 'pecia node "
    "--config FILE --name NAME' one of them. The environment (PECIA_TABLE_KEY) outweighs it. "
    "'pecia up --config FILE --dump-config' prints this for the settings in force.";

// `words` as comment lines.
void add_comment(std::string_view words, std::string& text) {
  std::size_t column = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const bool begins = column == 0 || column + 1 + end > kColumnsMax;
    if (begins && column > 0) text += '\n';
    if (begins) text += '#', column = 1;
    text += ' ';
    text += words.substr(0, end);
    column += 1 + end;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  text += '\n';
}

void add_field(const Field& field, const Config& config, const Origin& origin, std::string& text) {
  text += "\n";
  add_comment(field.help, text);
  add_comment(allowed_values(field), text);
  if (origin.source != Source::by_default) {
    add_comment(fmt::format("set by {}", quoted(origin.place)), text);
  }
  text += fmt::format("{} = {}\n", field.key, toml_value(field, field.get(config)));
}

void add_settings(const Config& config, const LayeredConfig* layers, std::string& text) {
  const Origin by_default;
  for (const std::string_view table : table_names()) {
    text += fmt::format("\n[{}]\n", table);
    for (const Field& field : fields()) {
      if (field.table != table) continue;
      add_field(field, config, layers == nullptr ? by_default : layers->origin(field), text);
    }
  }
}

std::string dump(const Config& config, const LayeredConfig* layers) {
  std::string text;
  add_comment(kPreface, text);
  add_settings(config, layers, text);
  return text;
}

// -- of a cluster --------------------------------------------------------------------------------

// A basic string of TOML. A path holds no control character.
std::string toml_text(std::string_view words) {
  std::string text = "\"";
  for (const char c : words) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string toml_roles(const Roles& roles) {
  std::string list = "\"" + to_string(roles) + "\"";
  for (std::size_t at = list.find(", "); at != list.npos; at = list.find(", ", at + 4)) {
    list.replace(at, 2, "\", \"");
  }
  return "[" + list + "]";
}

void add_node(const NodeConfig& node, std::string& text) {
  text += fmt::format("\n[[node]]\nname = {}\naddress = {}\nroles = {}\n", toml_text(node.name),
                      toml_text(to_string(node.address)), toml_roles(node.roles));
  if (!node.model.empty()) text += fmt::format("model = {}\n", toml_text(node.model));
  text += fmt::format("device = \"cpu\"\nthreads = {}\n", node.threads);
  if (node.roles.worker) text += fmt::format("batch_max = {}\n", node.batch_max);
}

std::string dump(const ClusterConfig& cluster, const LayeredConfig* layers) {
  std::string text;
  add_comment(kClusterPreface, text);
  text += fmt::format("\n[cluster]\nname = {}\ndata_dir = {}\n", toml_text(cluster.name),
                      toml_text(cluster.data_dir));
  if (!cluster.secret_file.empty()) {
    text += fmt::format("\n[security]\nsecret_file = {}\n", toml_text(cluster.secret_file));
  }
  add_settings(cluster.limits, layers, text);
  for (const NodeConfig& node : cluster.nodes) add_node(node, text);
  return text;
}

}  // namespace

std::string dump_config(const Config& config) { return dump(config, nullptr); }

std::string dump_config(const LayeredConfig& config) { return dump(config.config(), &config); }

std::string dump_cluster(const ClusterConfig& cluster) { return dump(cluster, nullptr); }

std::string dump_cluster(const ClusterFile& file) { return dump(file.cluster, &file.layers); }

}  // namespace pecia::runtime
