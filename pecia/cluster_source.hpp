#pragma once
// Where the config of a cluster comes from, for programs and hosts alike: the environment, the
// folder of its file, the file itself, and what the machine of a node must have. Thread rule: one
// thread, as long as nobody changes the environment.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/cluster_file.hpp"

namespace pecia {

// The door to the environment of this process: "NAME=value" each.
std::vector<std::string_view> process_environment();

// Absolute; of "-", standard input, it is the current folder.
std::string folder_of_file(const std::string& file);

// A model of the config that is no file beside it, in `folder`, may be the name of one or a folder:
// then its path takes its place. Where it is not, it stays for the check that tells.
void name_models(const std::string& folder, runtime::ClusterConfig& cluster);

// The file, with the environment over it. Nothing, and a line each, where there are mistakes.
std::optional<runtime::ClusterFile> read_cluster_file(const std::string& file,
                                                      std::vector<std::string>& mistakes);

// The node of this name; nullptr and a line with the nearest name where there is none. `place` is
// where the name was given, "--name".
const runtime::NodeConfig* named_node(const runtime::ClusterConfig& cluster, std::string_view name,
                                      std::string_view place, std::vector<std::string>& mistakes);

// What this machine lacks for these nodes, no line twice. Makes their folders.
std::vector<std::string> lacking_here(const runtime::ClusterConfig& cluster,
                                      std::span<const runtime::NodeConfig* const> nodes);

}  // namespace pecia
