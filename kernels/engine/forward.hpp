#pragma once
// One pass of a batch of rows through a model's layers. Rows of several sequences lie side by side;
// every row's bits depend on its own sequence alone. Only rows whose logits somebody needs go past
// the last attention. Thread rule: one caller at a time; the pool works inside.

#include <initializer_list>
#include <span>
#include <vector>

#include "kernels/cpu/attention.hpp"
#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/ops.hpp"
#include "kernels/engine/model.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

struct ForwardBatch {
  std::vector<TokenId> tokens;       // (rows), where the model's range starts at layer 0
  std::span<const float> hidden;     // (rows, width) row-major, where it does not
  std::vector<AttentionSpan> spans;  // cover all rows in order; pages: whole pages of the range
  std::vector<int> head_rows;        // ascending rows that need logits, where the range has a head
  int rows() const { return spans.empty() ? 0 : spans.back().first_row + spans.back().rows; }
  void clear();
};

class Forward {
 public:
  // The three must outlive it.
  Forward(const Model& model, ThreadPool& pool, const KernelTable& kernels);

  // Stores K and V of all rows into the pages. Returns logits (head_rows, vocabulary) where the
  // range has a head, else hidden states (rows, width); valid until the next call. The page
  // pointers of the batch are used up.
  Rows run(ForwardBatch& batch);

 private:
  Rows embed(const ForwardBatch& batch);
  Rows load_hidden(const ForwardBatch& batch);
  Rows attention(int index, const ForwardBatch& batch, const Rows& x);
  void feed_forward(const Layer& layer, const Rows& x);
  void activate(const Rows& gate, const Rows& up);
  void add_product(const Linear& linear, const Norm& post_norm, const Rows& input, const Rows& x);
  Rows head(const Rows& x);
  struct LinearOut {
    const Linear* linear;
    Rows out;
  };
  void multiply_all(const Rows& input, std::initializer_list<LinearOut> parts);
  void normalise(const Rows& x, const Norm& norm, const Rows& y);
  void extend_ropes(const ForwardBatch& batch);

  const Model& model_;
  ThreadPool& pool_;
  const KernelTable& kernels_;
  AttentionShape shape_;
  RopeTable rope_;
  RopeTable local_rope_;  // of layers with a window, where they turn at another rate
  GemmScratch gemm_;
  AttentionScratch attention_;
  RowsBuffer x_, kept_x_, norm_, q_, k_, v_, attended_, kept_attended_, product_, gate_, up_,
      logits_;
  std::vector<AlignedBuffer> row_scratch_;  // (2, width) a pool member
};

// Copies between one row in blocks and `cols` floats in a line.
void read_row(const Rows& rows, int row, std::span<float> out);
void write_row(std::span<const float> values, const Rows& rows, int row);  // padding becomes zero

}  // namespace pecia::kernels
