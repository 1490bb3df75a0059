#pragma once
// The config of a cluster for the commands that serve it: file, environment and flags as one, and
// every mistake on a line of its own.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pecia/config_options.hpp"
#include "pecia/cluster_source.hpp"
#include "runtime/config/cluster_file.hpp"

namespace pecia::apps {

// As read_cluster(); also nothing, and a line, where the file cannot be read.
std::optional<runtime::ClusterFile> effective_cluster(const ConfigFlags& flags,
                                                      std::span<const std::string_view> environment,
                                                      std::vector<std::string>& mistakes);

// Each as a line on stderr; gives the exit code, kExitRefused.
int refuse_all(std::span<const std::string> mistakes);

}  // namespace pecia::apps
