// pecia up: the nodes of this machine, each a process of its own, kept alive until they are asked
// to end.

#include <CLI/CLI.hpp>
#include <algorithm>

#include "apps/pecia/cluster_options.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/node_processes.hpp"
#include "apps/pecia/nodes_view.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/supervision/supervisor_spec.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::ClusterConfig;
using runtime::NodeConfig;

namespace {

using Nodes = std::vector<const NodeConfig*>;

struct UpOptions {
  ConfigFlags config;
  std::vector<std::string> names;  // empty: all nodes of loopback
  std::uint64_t drain_ms = NodesOrder{}.drain_ms;
  bool no_table = false;
};

// In the order of the config, each once.
Nodes chosen_nodes(const ClusterConfig& cluster, const UpOptions& options,
                   std::vector<std::string>& mistakes) {
  for (const std::string& name : options.names) named_node(cluster, name, "--node", mistakes);
  Nodes nodes;
  for (const NodeConfig& node : cluster.nodes) {
    const bool is_named = std::ranges::find(options.names, node.name) != options.names.end();
    if (options.names.empty() ? node.address.is_loopback : is_named) nodes.push_back(&node);
  }
  if (nodes.empty() && mistakes.empty()) {
    mistakes.push_back(
        fmt::format("{}: no node has an address of loopback, so which of them belong to this "
                    "machine? name each with --node",
                    options.config.file));
  }
  return nodes;
}

NodesOrder order_of(const ClusterConfig& cluster, const Nodes& nodes, const UpOptions& options) {
  NodesOrder order;
  order.program = "/proc/self/exe";  // the same version, even where its file was replaced meanwhile
  order.listed_as = "pecia";
  order.limits = cluster.limits.supervision;
  order.drain_ms = options.drain_ms;
  for (const NodeConfig* node : nodes) {
    order.nodes.push_back({node->name,
                           to_string(node->roles),
                           {"node", "--config", options.config.file, "--name", node->name}});
  }
  return order;
}

int exit_code(const NodesStory& story) {
  if (!story.why.empty()) tell(printable(story.why));
  switch (story.end) {
    case NodesEnd::drained:
      return kExitDone;
    case NodesEnd::overdue:
    case NodesEnd::gave_up:
      return kExitFailed;
    case NodesEnd::refused:
      return kExitRefused;
    case NodesEnd::killed:
      return kExitInterrupted;
  }
  return kExitFailed;
}

Expected<int> execute(const UpOptions& options, Output& out) {
  if (options.config.file == "-") {
    return fail(ErrorKind::refuse, "up: its nodes cannot read standard input too; give a file");
  }
  std::vector<std::string> mistakes;
  const auto file = effective_cluster(options.config, process_environment(), mistakes);
  if (!file) return refuse_all(mistakes);
  if (options.config.dump) {
    const Status written = out.write(runtime::dump_cluster(*file));
    if (!written) return written.error();
    return kExitDone;
  }
  const Nodes nodes = chosen_nodes(file->cluster, options, mistakes);
  if (mistakes.empty()) mistakes = lacking_here(file->cluster, nodes);
  if (!mistakes.empty()) return refuse_all(mistakes);
  outlive_readers();  // nodes do not end because nobody looks
  NodesView view(!options.no_table);
  const auto story = run_nodes(order_of(file->cluster, nodes, options), view);
  if (!story) return story.error();
  return exit_code(*story);
}

}  // namespace

Command add_up(CLI::App& root) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* parser =
      root.add_subcommand("up", "the nodes of a cluster on this machine, started and kept alive");
  add_config_file_flags(*parser, options->config);
  parser
      ->add_option("--node", options->names,
                   "only these nodes, wherever their addresses are; by default all of loopback")
      ->check(not_empty())
      ->type_name("NAME");
  parser
      ->add_option("--drain-ms", options->drain_ms,
                   "for nodes to hand over what they have when all end; then they are killed")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, runtime::kShutdownMsMax));
  parser->add_flag("--no-table", options->no_table, "lines only, on a terminal too");
  parser->footer(
      "Each node is a process, 'pecia node'. One that dies is started again, after a wait that\n"
      "doubles; more deaths than [supervision] allows, and all are ended (exit code 1). A node "
      "that\n"
      "refuses its config ends all at once (exit code 2). Ctrl-C or SIGTERM lets all nodes drain, "
      "a\n"
      "second one kills them. What nodes print is passed on behind their names; a reader who "
      "stops\n"
      "reading stops nobody.\n"
      "\n"
      "Examples:\n"
      "  pecia up --config config/local.toml\n"
      "  pecia up --config lan.toml --node worker-1\n"
      "  pecia up --config config/local.toml --dump-config");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
