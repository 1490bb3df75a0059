// pecia node: one process of a cluster, with the roles that the config gives its name.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <thread>

#include "actors/clock_and_chance.hpp"
#include "actors/node/node.hpp"
#include "apps/pecia/built_in_model.hpp"
#include "apps/pecia/cluster_gate.hpp"
#include "apps/pecia/cluster_options.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/page_check.hpp"
#include "apps/pecia/session_generator.hpp"
#include "kernels/engine/kv_cache.hpp"
#include "runtime/config/dump.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::ClusterConfig;
using runtime::NodeConfig;

namespace {

constexpr int kChunkTokens = 256;  // prompt rows of one engine step
constexpr std::chrono::milliseconds kLookAgain(100);
constexpr std::chrono::milliseconds kAskFor(250);

struct NodeCommand {
  ConfigFlags config;
  std::string name;
  std::uint64_t drain_ms = 5'000;
};

// -- what the node is made of --------------------------------------------------------------------

Expected<Session> open_model(const ClusterConfig& cluster, const NodeConfig& node) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::string model = node.model.empty() ? built_in_model() : node.model;
  return open_session({model, runtime::threads_of(cluster, node, cores)});
}

EngineOptions engine_of(const ClusterConfig& cluster, const NodeConfig& node,
                        const ModelParams& params) {
  // As long as positions are exact, for what a step may hold is the job's to say and never a
  // node's. Memory for keys is that of a full batch of the length the model was trained on.
  EngineOptions options = engine_options(exact_positions_max(params), node.batch_max, kChunkTokens);
  options.kv_bytes_max = kv_page_bytes(params, params.layers) *
                         static_cast<std::size_t>(node.batch_max) * pages_for(params.context);
  options.prefix_cache = cluster.limits.write.cache != runtime::CacheMode::off;
  options.salt = hex(fingerprint(cluster));
  return options;
}

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

[[noreturn]] void die_standing(const std::string& loop) {
  tell(fmt::format("the loop '{}' of this node stands still; it ends, to be started again", loop));
  std::abort();
}

Expected<actors::NodeParts> parts_of(const ClusterConfig& cluster, const NodeConfig& node,
                                     const Session& session) {
  actors::NodeParts parts{cluster.limits};
  parts.config.write.workers = 1;
  parts.config.write.batch_max = node.batch_max;
  if (node.roles.coordinator) {
    parts.documents = {folder_of(cluster, node) + "/journal.sqlite", session.tokenizer,
                       identity_of(session), workers_of(cluster)};
  }
  if (node.roles.worker || node.roles.cache) parts.compute = actors::ComputePart{{}, is_page_of};
  if (node.roles.worker) {
    parts.compute->make_generator = [&session, &node, &cluster](int) {
      return make_generator(session, session.pool->threads(),
                            engine_of(cluster, node, session.model->params()));
    };
  }
  auto gate = gate_of_node(cluster, node);
  if (!gate) return gate.error();
  parts.links = {node.name, arbiter_of(cluster),
                 [options = *std::move(gate)](runtime::GateEvents events) {
                   events.log = [](const std::string& line) { tell(printable(line)); };
                   return runtime::Gate::start(options, std::move(events));
                 },
                 die_standing};
  return parts;
}

// -- its life ------------------------------------------------------------------------------------

// How many attempts the worker of this name still holds; -1 where nobody knows.
int held_by(const runtime::ToClient& answer, const std::string& name) {
  const auto* overview = std::get_if<runtime::Overviewed>(&answer);
  if (overview == nullptr) return -1;
  for (const runtime::NodeRow& row : overview->nodes) {
    if (row.node.node == name) return row.held;
  }
  return -1;
}

// Takes no more orders and ends what it has, as far as that is done in time; the coordinator places
// the rest elsewhere. A node that coordinates itself has nothing to hand over: its journal does.
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

Expected<int> serve(const ClusterConfig& cluster, const NodeConfig& config, Output& out,
                    std::uint64_t drain_ms) {
  watch_interrupts();
  outlive_readers();
  const auto session = open_model(cluster, config);
  if (!session) return session.error();
  auto parts = parts_of(cluster, config, *session);
  if (!parts) return parts.error();
  const auto node = actors::Node::start(*std::move(parts));
  if (!node) return node.error();
  if (config.roles.worker || config.roles.cache) (*node)->start_workers();
  // Who reads this may have gone; the node stays.
  (void)out.write(fmt::format("pecia node {}: ready on {}, roles {}\n", config.name,
                              to_string(config.address), to_string(config.roles)));
  while (!interrupted()) {
    if (const auto failure = (*node)->failure()) {
      tell(printable(fmt::format("{}: {}", config.name, failure->message)));
      return kExitFailed;
    }
    (*node)->pause(kLookAgain);
  }
  drain(**node, config, drain_ms);
  return kExitDone;
}

Expected<int> execute(const NodeCommand& command, Output& out) {
  std::vector<std::string> mistakes;
  const auto file = effective_cluster(command.config, process_environment(), mistakes);
  if (!file) return refuse_all(mistakes);
  if (command.config.dump) {
    const Status written = out.write(runtime::dump_cluster(*file));
    if (!written) return written.error();
    return kExitDone;
  }
  const NodeConfig* node = named_node(file->cluster, command.name, "--name", mistakes);
  if (node != nullptr) mistakes = lacking_here(file->cluster, std::array{node});
  if (!mistakes.empty()) return refuse_all(mistakes);
  return serve(file->cluster, *node, out, command.drain_ms);
}

}  // namespace

Command add_node(CLI::App& root) {
  auto command = std::make_shared<NodeCommand>();
  CLI::App* parser =
      root.add_subcommand("node", "one process of a cluster, until it is told to end");
  parser->add_option("--name", command->name, "of this node in the config")
      ->required()
      ->check(not_empty());
  add_config_file_flags(*parser, command->config);
  parser
      ->add_option("--drain-ms", command->drain_ms,
                   "how long SIGTERM or Ctrl-C lets it end what it has begun")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{600'000}))
      ->capture_default_str();
  parser->footer(
      "Every process of a cluster is started with the same config and its own name, in any order,\n"
      "and again when it has died: what it knew is in the coordinator's journal. 'pecia up' does\n"
      "that for the nodes of this machine.\n"
      "\n"
      "Examples:\n"
      "  pecia node --config config/local.toml --name head\n"
      "  pecia node --config config/local.toml --name worker-1");
  return {parser, [command](Output& out) { return execute(*command, out); }};
}

}  // namespace pecia::apps
