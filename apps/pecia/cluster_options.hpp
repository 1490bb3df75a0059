#pragma once
// The config of a cluster for the commands that serve it: file, environment and flags as one, and
// every mistake on a line of its own.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pecia/config_options.hpp"
#include "runtime/config/cluster_file.hpp"

namespace pecia::apps {

// As read_cluster(); also nothing, and a line, where the file cannot be read.
std::optional<runtime::ClusterFile> effective_cluster(const ConfigFlags& flags,
                                                      std::span<const std::string_view> environment,
                                                      std::vector<std::string>& mistakes);

// The node of this name; nullptr and a line with the nearest name where there is none. `place` is
// where the name was given, "--name".
const runtime::NodeConfig* named_node(const runtime::ClusterConfig& cluster, std::string_view name,
                                      std::string_view place, std::vector<std::string>& mistakes);

// What this machine lacks for these nodes, no line twice. Makes their folders.
std::vector<std::string> lacking_here(const runtime::ClusterConfig& cluster,
                                      std::span<const runtime::NodeConfig* const> nodes);

// Each as a line on stderr; gives the exit code, kExitRefused.
int refuse_all(std::span<const std::string> mistakes);

}  // namespace pecia::apps
