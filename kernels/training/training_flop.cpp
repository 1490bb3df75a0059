#include "kernels/training/training_flop.hpp"

namespace pecia::kernels {

double training_flop(const ModelParams& shape, const PassRows& rows) {
  const double width = shape.width;
  const double query = static_cast<double>(shape.heads) * shape.head_dim;
  const double key = static_cast<double>(shape.kv_heads) * shape.head_dim;
  const double layer = width * (2 * query + 2 * key + 3.0 * shape.ffn_width);
  const double weights = shape.layers * layer + width * shape.vocabulary;
  double pairs = 0;  // of a query and a key it sees
  for (const RowRange& sequence : rows.sequences) {
    pairs += sequence.rows * (sequence.rows + 1.0) / 2;
  }
  return 6 * weights * rows.rows + 14.0 * shape.layers * query * pairs;
}

}  // namespace pecia::kernels
