#pragma once
// A command as a client of a cluster: it dials the coordinator, and nobody dials it.

#include <chrono>
#include <memory>
#include <string>

#include "actors/node/node.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/cluster_file.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::apps {

// A cluster whose coordinator does not answer for so long is told to be away.
inline constexpr std::chrono::seconds kCoordinatorWithin(30);

// The config file with the environment over it. All mistakes but the last are told on stderr; that
// one is the Error.
kernels::Expected<runtime::ClusterFile> open_cluster(const std::string& config);

// A client of the cluster that the config file names; does not wait for anybody.
kernels::Expected<std::unique_ptr<actors::Node>> join_as_client(const std::string& config);

// What the coordinator answers, once there is one. A Refused is an Error of kind refuse. Ends early
// at Ctrl-C, with an Error of kind retry.
kernels::Expected<runtime::ToClient> ask_cluster(actors::Node& client,
                                                 const runtime::ToCoordinator& question);

}  // namespace pecia::apps
