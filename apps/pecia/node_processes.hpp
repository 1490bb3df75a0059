#pragma once
// The nodes of one machine as processes: started together, restarted when they die, drained and
// ended together. Who is restarted, when, and when all is given up is runtime/supervision's to
// decide; here its decisions are carried out. A process is reaped before its node starts again.
//
// Of a node it relies on this: it prints a line "pecia node NAME: ready ..." on stdout once it
// serves, drains on SIGTERM, and ends with 0 when it has drained, or 2 where it refuses its config.
//
// Thread rule: the main thread of a program without others; its signals are blocked meanwhile.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pecia/node_table.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/config.hpp"

namespace pecia::apps {

inline constexpr int kNodeRefused = 2;  // exit code of a node that will not start better next time

struct NodeCommand {
  std::string name;
  std::string roles;                   // for people
  std::vector<std::string> arguments;  // of the program
};

struct NodesOrder {
  std::string program;             // its path
  std::string listed_as;           // its own name in lists of processes; empty: the path
  std::vector<NodeCommand> nodes;  // at least one
  runtime::SupervisionLimits limits;
  std::uint64_t drain_ms = 10'000;  // from SIGTERM to SIGKILL; 0: at once
};

enum class NodeStream : std::uint8_t { out, err };

// Whoever wants to know what happens meanwhile.
class NodesAudience {
 public:
  virtual ~NodesAudience() = default;
  virtual void happened(std::string_view line) = 0;
  // One line that a node printed, without its newline; a very long one comes in pieces.
  virtual void said(std::string_view node, NodeStream stream, std::string_view line) = 0;
  // After whatever happened, and every second.
  virtual void show(std::span<const NodeStatus> nodes) = 0;
};

enum class NodesEnd : std::uint8_t {
  drained,  // all ended in time, as they were asked or by themselves
  overdue,  // some were killed when drain_ms was over
  killed,   // all, by a second signal
  gave_up,  // a node died more often than it may
  refused,  // a node refused its config
};

struct NodesStory {
  NodesEnd end = NodesEnd::drained;
  std::string why;  // one line; empty where they drained
};

// Runs them until none is left: SIGINT, SIGTERM or SIGHUP drains, a second one kills. None outlives
// the call, nor this process, however that ends.
// Errors: elsewhere (no descriptor left), refuse (numbers that no supervisor takes).
kernels::Expected<NodesStory> run_nodes(const NodesOrder& order, NodesAudience& audience);

}  // namespace pecia::apps
