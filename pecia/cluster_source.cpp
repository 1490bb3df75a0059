#include "pecia/cluster_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "pecia/built_in_model.hpp"
#include "pecia/model_lookup.hpp"
#include "runtime/config/cluster_here.hpp"
#include "runtime/config/foreign_words.hpp"
#include "runtime/config/toml_file.hpp"

namespace pecia {

using namespace kernels;

namespace {

Expected<std::string> read_bounded(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(runtime::kConfigBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad() || (stream.fail() && !stream.eof())) {
    return fail(ErrorKind::refuse, "{}: cannot be read: {}; give the config of a cluster", file,
                std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() <= runtime::kConfigBytesMax) return text;
  return fail(ErrorKind::refuse, "{}: too long; a config has at most {} bytes", file,
              runtime::kConfigBytesMax);
}

}  // namespace

void name_models(const std::string& folder, runtime::ClusterConfig& cluster) {
  for (runtime::NodeConfig& node : cluster.nodes) {
    std::error_code failed;
    if (node.model.empty() || std::filesystem::is_regular_file(node.model, failed)) continue;
    const bool is_folder = std::filesystem::is_directory(node.model, failed);
    const std::string name =
        std::filesystem::path(node.model).lexically_relative(folder).generic_string();
    if (!is_folder && (name.empty() || name.starts_with('.'))) continue;
    auto path = resolve_model(is_folder ? node.model : name);
    if (path && *path != name) node.model = *std::move(path);
  }
}

std::vector<std::string_view> process_environment() {
  std::vector<std::string_view> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    variables.emplace_back(*entry);
  }
  return variables;
}

std::string folder_of_file(const std::string& file) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(file == "-" ? "." : file, failed);
  if (failed) return "/";
  return (file == "-" ? absolute : absolute.parent_path()).lexically_normal().string();
}

std::optional<runtime::ClusterFile> read_cluster_file(const std::string& file,
                                                      std::vector<std::string>& mistakes) {
  const auto text = read_bounded(file);
  if (!text) {
    mistakes.push_back(text.error().message);
    return {};
  }
  auto cluster = runtime::read_cluster(
      {*text, file, folder_of_file(file), process_environment(), {}}, mistakes);
  if (cluster) name_models(folder_of_file(file), cluster->cluster);
  return cluster;
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

}  // namespace pecia
