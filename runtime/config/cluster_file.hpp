#pragma once
// The config file of a cluster: the tables of settings, and
//
//     [cluster]    name, data_dir          [security]   secret_file
//     [[node]]     name, address, roles, model, device, threads, batch_max
//
// All mistakes are found in one reading, one line each: "FILE:LINE:COLUMN: what; what is right".
// What a machine must have is no matter of the file: see cluster_here.hpp.
// Thread rule: pure functions of their arguments.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/config/cluster_config.hpp"
#include "runtime/config/layers.hpp"

namespace pecia::runtime {

struct ClusterSources {
  std::string_view text;
  std::string name;    // of the file in messages
  std::string folder;  // absolute; relative paths of the file begin here
  // "NAME=value" each: settings, and XDG_STATE_HOME or HOME for the place of data_dir.
  std::span<const std::string_view> environment;
  std::span<const std::pair<const Field*, std::string>> flags;
};

struct ClusterFile {
  ClusterConfig cluster;
  LayeredConfig layers;  // where its limits come from
};

// Nothing where the text, the environment or a flag has a mistake; then `mistakes` has grown.
// Settings that make no sense together are told once each setting makes sense alone.
std::optional<ClusterFile> read_cluster(const ClusterSources& sources,
                                        std::vector<std::string>& mistakes);

}  // namespace pecia::runtime
