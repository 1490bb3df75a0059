#pragma once
// The nodes of `pecia up` as a table for people. Thread rule: pure functions, values.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace pecia::apps {

enum class NodePhase : std::uint8_t {
  down,      // it has ended and stays so
  waiting,   // it will start again
  starting,  // it runs and does not serve yet
  ready,
  draining,  // asked to end
};

struct NodeStatus {
  std::string name;
  std::string roles;
  int pid = 0;  // 0: no process
  NodePhase phase = NodePhase::down;
  std::uint64_t wait_ms = 0;  // until it starts again, where it is waiting
  std::uint64_t restarts = 0;
  std::uint64_t uptime_ms = 0;  // of the process
};

// "starting", "waiting 0.4 s", ...
std::string phase_text(const NodeStatus& node);
// "7 s", "3 m 07 s", "2 h 03 m", "5 d 02 h"
std::string duration_text(std::uint64_t ms);

// A line of headings and one a node, each with its newline and at most `columns` wide; in at most
// `rows` lines, where the last tells how many nodes are not shown. REQUIRES rows >= 3.
std::string node_table(std::span<const NodeStatus> nodes, std::size_t columns, std::size_t rows);

}  // namespace pecia::apps
