#include "apps/pecia/node_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <vector>

namespace pecia::apps {

namespace {

constexpr std::size_t kCells = 6;
constexpr std::string_view kGap = "  ";
using Row = std::array<std::string, kCells>;
constexpr std::array<bool, kCells> kIsNumber = {false, false, true, false, true, true};

Row headings() { return {"NODE", "ROLES", "PID", "STATE", "RESTARTS", "UPTIME"}; }

Row row_of(const NodeStatus& node) {
  const bool runs = node.pid > 0;
  return {node.name,
          node.roles,
          runs ? fmt::format("{}", node.pid) : "-",
          phase_text(node),
          fmt::format("{}", node.restarts),
          runs ? duration_text(node.uptime_ms) : "-"};
}

std::array<std::size_t, kCells> widths_of(const std::vector<Row>& rows) {
  std::array<std::size_t, kCells> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kCells; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

std::string line_of(const Row& row, const std::array<std::size_t, kCells>& widths) {
  std::string line;
  for (std::size_t i = 0; i < kCells; ++i) {
    if (i > 0) line += kGap;
    line += kIsNumber[i] ? fmt::format("{:>{}}", row[i], widths[i])
                         : fmt::format("{:<{}}", row[i], widths[i]);
  }
  return line;
}

}  // namespace

std::string phase_text(const NodeStatus& node) {
  switch (node.phase) {
    case NodePhase::down:
      return "down";
    case NodePhase::waiting:
      return fmt::format("waiting {:.1f} s", static_cast<double>(node.wait_ms) / 1e3);
    case NodePhase::starting:
      return "starting";
    case NodePhase::ready:
      return "ready";
    case NodePhase::draining:
      return "draining";
  }
  assert(false);
  return "";
}

std::string duration_text(std::uint64_t ms) {
  const std::uint64_t seconds = ms / 1'000, minutes = seconds / 60, hours = minutes / 60;
  if (minutes == 0) return fmt::format("{} s", seconds);
  if (hours == 0) return fmt::format("{} m {:02} s", minutes, seconds % 60);
  if (hours < 24) return fmt::format("{} h {:02} m", hours, minutes % 60);
  return fmt::format("{} d {:02} h", hours / 24, hours % 24);
}

std::string node_table(std::span<const NodeStatus> nodes, std::size_t columns, std::size_t rows) {
  assert(rows >= 3);
  const bool fits = nodes.size() + 1 <= rows;
  const std::size_t shown = fits ? nodes.size() : rows - 2;
  std::vector<Row> cells = {headings()};
  for (const NodeStatus& node : nodes.first(shown)) cells.push_back(row_of(node));
  const auto widths = widths_of(cells);
  std::string table;
  for (const Row& row : cells) table += line_of(row, widths).substr(0, columns) + "\n";
  if (!fits) table += fmt::format("and {} more", nodes.size() - shown).substr(0, columns) + "\n";
  return table;
}

}  // namespace pecia::apps
