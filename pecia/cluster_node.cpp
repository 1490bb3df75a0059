#include "pecia/cluster_node.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "actors/clock_and_chance.hpp"
#include "kernels/engine/kv_cache.hpp"
#include "pecia/built_in_model.hpp"
#include "pecia/cluster_gate.hpp"
#include "pecia/page_check.hpp"
#include "pecia/session_generator.hpp"

namespace pecia {

using namespace kernels;
using namespace runtime;

namespace {

constexpr int kChunkTokens = 256;  // prompt rows of one engine step
constexpr std::chrono::milliseconds kLookAgain(100);
constexpr std::chrono::milliseconds kAskFor(250);

// The first node with the role, by name; empty where none has it.
std::string arbiter_of(const ClusterConfig& cluster) {
  std::string first;
  for (const NodeConfig& node : cluster.nodes) {
    if (node.roles.cache && (first.empty() || node.name < first)) first = node.name;
  }
  return first;
}

std::vector<std::string> workers_of(const ClusterConfig& cluster) {
  std::vector<std::string> names;
  for (const NodeConfig& node : cluster.nodes) {
    if (node.roles.worker) names.push_back(node.name);
  }
  return names;
}

// How many attempts the worker of this name still holds; -1 where nobody knows.
int held_by(const runtime::ToClient& answer, const std::string& name) {
  const auto* overview = std::get_if<runtime::Overviewed>(&answer);
  if (overview == nullptr) return -1;
  for (const runtime::NodeRow& row : overview->nodes) {
    if (row.node.node == name) return row.held;
  }
  return -1;
}

}  // namespace

Expected<Session> open_model(const ClusterConfig& cluster, const NodeConfig& node) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::string model = node.model.empty() ? built_in_model() : node.model;
  return open_session({model, runtime::threads_of(cluster, node, cores)});
}

EngineOptions node_engine(const ModelParams& params, int batch_max, CacheMode cache) {
  EngineOptions options = engine_options(exact_positions_max(params), batch_max, kChunkTokens);
  options.kv_bytes_max = kv_page_bytes(params, params.layers) *
                         static_cast<std::size_t>(batch_max) * pages_for(params.context);
  options.prefix_cache = cache != CacheMode::off;
  return options;
}

Expected<actors::NodeParts> node_parts(const ClusterConfig& cluster, const NodeConfig& node,
                                       const std::shared_ptr<const Session>& session,
                                       NodeEvents events) {
  actors::NodeParts parts{cluster.limits};
  parts.config.write.workers = 1;
  parts.config.write.batch_max = node.batch_max;
  if (node.roles.coordinator) {
    parts.documents = {folder_of(cluster, node) + "/journal.sqlite", session->tokenizer,
                       identity_of(*session), workers_of(cluster)};
  }
  if (node.roles.worker || node.roles.cache) parts.compute = actors::ComputePart{{}, is_page_of};
  if (node.roles.worker) {
    EngineOptions engine =
        node_engine(session->model->params(), node.batch_max, cluster.limits.write.cache);
    engine.salt = hex(fingerprint(cluster));
    parts.compute->make_generator = [session, engine](int) {
      return make_generator(*session, session->pool->threads(), engine);
    };
  }
  auto gate = gate_of_node(cluster, node);
  if (!gate) return gate.error();
  parts.links = {node.name, arbiter_of(cluster),
                 [options = *std::move(gate), log = std::move(events.log)](GateEvents told) {
                   told.log = log;
                   return Gate::start(options, std::move(told));
                 },
                 std::move(events.stands_still)};
  return parts;
}

Expected<actors::NodeParts> client_parts(const ClusterConfig& cluster,
                                         std::function<void(const std::string& line)> log) {
  auto options = gate_of_client(cluster);
  if (!options) return options.error();
  actors::NodeParts parts{cluster.limits};
  parts.links = {options->self.name,
                 {},
                 [options = *std::move(options), log = std::move(log)](GateEvents events) {
                   events.log = log;
                   return Gate::start(options, std::move(events));
                 }};
  return parts;
}

void drain(actors::Node& node, const NodeConfig& config, std::uint64_t drain_ms) {
  if (!config.roles.worker || config.roles.coordinator) return;
  const std::uint64_t until_ms = actors::steady_ms() + drain_ms;
  while (actors::steady_ms() < until_ms) {
    const std::uint64_t left_ms = until_ms - actors::steady_ms();
    const auto answer = node.ask(runtime::DrainNode{config.name, left_ms}, kAskFor);
    if (!answer || held_by(*answer, config.name) <= 0) return;
    node.pause(kLookAgain);
  }
}

}  // namespace pecia
