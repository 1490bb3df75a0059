#pragma once
// The config file of a cluster, as commands take it.

#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/config/cluster_file.hpp"

namespace pecia::apps {

// Reads it with the environment over it. All mistakes are told on stderr, a line each; the Error is
// the last of them.
kernels::Expected<runtime::ClusterFile> open_cluster(const std::string& path);

// The Error of several mistakes: tells all but the last. REQUIRES one.
kernels::Error tell_mistakes(const std::vector<std::string>& mistakes);

}  // namespace pecia::apps
