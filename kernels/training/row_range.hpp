#pragma once
// Which rows of a pass belong together.

#include <vector>

namespace pecia::kernels {

struct RowRange {
  int first = 0;
  int rows = 0;
};

// Rows that go through the model together. Neither the number of units nor of sequences in a pass
// changes a bit: grouping only keeps the threads busy.
struct PassRows {
  int rows = 0;
  std::vector<RowRange> units;      // each adds its own gradient, in order; cover [0, rows)
  std::vector<RowRange> sequences;  // each attends to itself; a unit is one or more of them
};

}  // namespace pecia::kernels
