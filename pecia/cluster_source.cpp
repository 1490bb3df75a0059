#include "pecia/cluster_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "pecia/built_in_model.hpp"
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
  return runtime::read_cluster({*text, file, folder_of_file(file), process_environment(), {}},
                               mistakes);
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
