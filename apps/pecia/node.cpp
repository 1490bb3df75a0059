// pecia node: one process of a cluster, with the roles that the config gives its name.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>

#include "actors/node/node.hpp"
#include "apps/pecia/cluster_options.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "pecia/cluster_node.hpp"
#include "runtime/config/dump.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::ClusterConfig;
using runtime::NodeConfig;

namespace {

constexpr std::chrono::milliseconds kLookAgain(100);

struct NodeCommand {
  ConfigFlags config;
  std::string name;
  std::uint64_t drain_ms = 5'000;
};

[[noreturn]] void die_standing(const std::string& loop) {
  tell(fmt::format("the loop '{}' of this node stands still; it ends, to be started again", loop));
  std::abort();
}

Expected<int> serve(const ClusterConfig& cluster, const NodeConfig& config, Output& out,
                    std::uint64_t drain_ms) {
  watch_interrupts();
  outlive_readers();
  auto session = open_model(cluster, config);
  if (!session) return session.error();
  auto parts = node_parts(cluster, config, std::make_shared<const Session>(*std::move(session)),
                          {[](const std::string& line) { tell(printable(line)); }, die_standing});
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
