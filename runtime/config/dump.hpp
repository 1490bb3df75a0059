#pragma once
// A config as a file that reads back as the same config, each field under its help, unit and range.
// Thread rule: pure functions.

#include <string>

#include "runtime/config/cluster_file.hpp"
#include "runtime/config/layers.hpp"

namespace pecia::runtime {

std::string dump_config(const Config& config);
// And where each value comes from that is not the default.
std::string dump_config(const LayeredConfig& config);

// The whole config of a cluster in the same way. Its paths are absolute, so that it may lie
// anywhere; what stands for the built-in model or for no secret is left out.
std::string dump_cluster(const ClusterConfig& cluster);
std::string dump_cluster(const ClusterFile& file);

}  // namespace pecia::runtime
