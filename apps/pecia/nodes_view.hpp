#pragma once
// What a person sees of `pecia up`: what happens and what nodes print, line by line, and on a
// terminal a table of the nodes below. Node lines go where they came from, stdout or stderr, with
// the node's name before them. Thread rule: one thread.

#include <string>

#include "apps/pecia/node_processes.hpp"
#include "apps/pecia/patient_output.hpp"

namespace pecia::apps {

class NodesView : public NodesAudience {
 public:
  // `wants_table`: where stdout is a terminal.
  explicit NodesView(bool wants_table)
      : out_(1), err_(2), has_table_(wants_table && out_.is_terminal()) {}

  void happened(std::string_view line) override;
  void said(std::string_view node, NodeStream stream, std::string_view line) override;
  void show(std::span<const NodeStatus> nodes) override;

 private:
  void erase_table();

  PatientOutput out_, err_;
  const bool has_table_;
  std::string drawn_;  // the table that is on the terminal; empty: none
};

}  // namespace pecia::apps
