#include "apps/pecia/cluster_options.hpp"

#include <algorithm>
#include <filesystem>

#include "apps/pecia/built_in_model.hpp"
#include "apps/pecia/command.hpp"
#include "runtime/config/cluster_here.hpp"
#include "runtime/config/foreign_words.hpp"

namespace pecia::apps {

namespace {

// Of the file, absolute; of standard input it is the current folder.
std::string folder_of(const std::string& file) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(file == "-" ? "." : file, failed);
  if (failed) return "/";
  return (file == "-" ? absolute : absolute.parent_path()).lexically_normal().string();
}

}  // namespace

std::optional<runtime::ClusterFile> effective_cluster(const ConfigFlags& flags,
                                                      std::span<const std::string_view> environment,
                                                      std::vector<std::string>& mistakes) {
  if (flags.file.empty()) {
    mistakes.emplace_back("--config is missing; give the file of the cluster, see config/one.toml");
    return {};
  }
  const auto text = read_config_text(flags.file);
  if (!text) {
    mistakes.push_back(text.error().message);
    return {};
  }
  return runtime::read_cluster(
      {*text, config_name(flags.file), folder_of(flags.file), environment, flags.values}, mistakes);
}

const runtime::NodeConfig* named_node(const runtime::ClusterConfig& cluster, std::string_view name,
                                      std::string_view place, std::vector<std::string>& mistakes) {
  if (const runtime::NodeConfig* node = runtime::find_node(cluster, name)) return node;
  std::vector<std::string_view> known;
  for (const runtime::NodeConfig& node : cluster.nodes) known.push_back(node.name);
  mistakes.push_back(fmt::format("{}: the config has no node {}; the nearest is '{}'", place,
                                 runtime::quoted(name), runtime::nearest(name, known)));
  return nullptr;
}

std::vector<std::string> lacking_here(const runtime::ClusterConfig& cluster,
                                      std::span<const runtime::NodeConfig* const> nodes) {
  const std::string model = built_in_model();
  std::vector<std::string> all;
  for (const runtime::NodeConfig* node : nodes) {
    for (std::string& line : runtime::check_here(cluster, *node, model)) {
      if (std::ranges::find(all, line) == all.end()) all.push_back(std::move(line));
    }
  }
  return all;
}

int refuse_all(std::span<const std::string> mistakes) {
  for (const std::string& mistake : mistakes) tell(printable(mistake));
  return kExitRefused;
}

}  // namespace pecia::apps
