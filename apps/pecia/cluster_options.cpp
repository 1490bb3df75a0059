#include "apps/pecia/cluster_options.hpp"

#include "apps/pecia/command.hpp"
#include "pecia/cluster_source.hpp"

namespace pecia::apps {

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
  const std::string folder = folder_of_file(flags.file);
  auto file = runtime::read_cluster(
      {*text, config_name(flags.file), folder, environment, flags.values}, mistakes);
  if (file) name_models(folder, file->cluster);
  return file;
}

int refuse_all(std::span<const std::string> mistakes) {
  for (const std::string& mistake : mistakes) tell(printable(mistake));
  return kExitRefused;
}

}  // namespace pecia::apps
