#pragma once
// What the machine of a node must have, and no other: models, the secret, room for data, a free
// port. The file itself was found right by read_cluster().
// Thread rule: any thread.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/cluster_config.hpp"

namespace pecia::runtime {

// One line "FILE:LINE:COLUMN: what; what is right" for each thing that is missing; none where the
// node can start. Makes the node's folder. The port is free for the moment of the call.
// `built_in_model`: the path of the program's own; empty where it has none.
std::vector<std::string> check_here(const ClusterConfig& cluster, const NodeConfig& node,
                                    std::string_view built_in_model);

// 0, or why a listener could not be bound there now, as errno says it.
int bind_fault(const NodeAddress& address);

}  // namespace pecia::runtime
