#pragma once
// A process of a cluster as its config wants it: the parts of a node or of a client, and how a
// worker takes its leave. `pecia node` and a host program's Node are both made of these. Thread
// rule: one thread; what is called back says where.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/node/node.hpp"
#include "kernels/base/expected.hpp"
#include "pecia/session.hpp"
#include "runtime/config/cluster_config.hpp"

namespace pecia {

// Both are called on threads of the node's.
struct NodeEvents {
  std::function<void(const std::string& line)> log;           // of the gate, for people
  std::function<void(const std::string& loop)> stands_still;  // as actors::LinksPart
};

// The model of the node, or the built-in one, with the threads that are its share.
kernels::Expected<Session> open_model(const runtime::ClusterConfig& cluster,
                                      const runtime::NodeConfig& node);

// What an engine of a node holds: as long as positions are exact, for what a step may hold is the
// job's to say and never a node's. Memory for keys is that of a full batch of the length the model
// was trained on.
kernels::EngineOptions node_engine(const kernels::ModelParams& params, int batch_max,
                                   runtime::CacheMode cache);

// Refused: a secret that cannot be read.
kernels::Expected<actors::NodeParts> node_parts(const runtime::ClusterConfig& cluster,
                                                const runtime::NodeConfig& node,
                                                const std::shared_ptr<const Session>& session,
                                                NodeEvents events);
// `log` may be none.
kernels::Expected<actors::NodeParts> client_parts(
    const runtime::ClusterConfig& cluster, std::function<void(const std::string& line)> log = {});

// Takes no more orders and ends what it has, as far as that is done in time; the coordinator places
// the rest elsewhere. A node that coordinates itself has nothing to hand over: its journal does.
void drain(actors::Node& node, const runtime::NodeConfig& config, std::uint64_t drain_ms);

}  // namespace pecia
