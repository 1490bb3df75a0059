#include "apps/pecia/cluster_options.hpp"

#include "apps/pecia/command.hpp"

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
  return runtime::read_cluster(
      {*text, config_name(flags.file), folder_of_file(flags.file), environment, flags.values},
      mistakes);
}

int refuse_all(std::span<const std::string> mistakes) {
  for (const std::string& mistake : mistakes) tell(printable(mistake));
  return kExitRefused;
}

}  // namespace pecia::apps
