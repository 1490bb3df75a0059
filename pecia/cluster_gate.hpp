#pragma once
// The sockets of a process of a cluster, as its config wants them.

#include "kernels/base/expected.hpp"
#include "runtime/config/cluster_config.hpp"
#include "runtime/gate/gate.hpp"

namespace pecia {

// Listens at the node's address and dials those of the others that it has to. Refused: a secret
// that cannot be read.
kernels::Expected<runtime::GateOptions> gate_of_node(const runtime::ClusterConfig& cluster,
                                                     const runtime::NodeConfig& node);

// Dials the coordinator, under a name of its own.
kernels::Expected<runtime::GateOptions> gate_of_client(const runtime::ClusterConfig& cluster);

}  // namespace pecia
