#include "apps/pecia/nodes_view.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "apps/pecia/line_cutter.hpp"
#include "apps/pecia/output.hpp"

namespace pecia::apps {

namespace {

struct Size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

Size terminal_size() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, size.ws_row};
}

}  // namespace

void NodesView::erase_table() {
  if (drawn_.empty()) return;
  out_.write(fmt::format("\x1b[{}A\r\x1b[J", std::count(drawn_.begin(), drawn_.end(), '\n')));
  drawn_.clear();
}

void NodesView::happened(std::string_view line) {
  erase_table();
  out_.write(fmt::format("pecia up: {}\n", printable(line)));
}

void NodesView::said(std::string_view node, NodeStream stream, std::string_view line) {
  erase_table();
  static_assert(kLineBytesMax <= 4'096);  // which printable() shows whole
  PatientOutput& output = stream == NodeStream::out ? out_ : err_;
  output.write(fmt::format("{}: {}\n", node, printable(line)));
}

void NodesView::show(std::span<const NodeStatus> nodes) {
  if (!has_table_) return;
  const Size size = terminal_size();
  // One row is the prompt's, where the cursor stands.
  const std::size_t rows = std::max<std::size_t>(size.rows, 4) - 1;
  const std::string table = node_table(nodes, size.columns, rows);
  if (table == drawn_) return;
  erase_table();
  out_.write(table);
  drawn_ = table;
}

}  // namespace pecia::apps
