#pragma once
// A training run: weights, optimiser and the steps that move them.
//
//   begin_step()   this worker's shards of the global batch, forward and back; published
//   finish_step()  the sums of all workers joined in one tree, clipped, and one step of AdamW
//
// The loss curve and the weights are a pure function of options and source: threads, instruction
// set, rows of a pass, number of workers, kills and resumes change nothing, bit for bit.
// No clock, no chance, no file but those named. Thread rule: one caller at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/checkpoint.hpp"
#include "kernels/training/gradient_exchange.hpp"
#include "kernels/training/model_pass.hpp"
#include "kernels/training/sample.hpp"
#include "kernels/training/sum_tree.hpp"
#include "kernels/training/training_options.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

struct StepReport {
  std::uint64_t step = 0;    // counted from 0
  double loss = 0;           // weighted mean over the global batch
  double gradient_norm = 0;  // before clipping
  double rate = 0;
  std::uint64_t rows = 0;  // targets of the global batch
};

class Trainer {
 public:
  // `exchange` may be null for a single worker. All three outlive the trainer.
  static Expected<std::unique_ptr<Trainer>> create(const TrainingOptions& options, ThreadPool& pool,
                                                   const KernelTable& kernels,
                                                   const SampleSource& source,
                                                   GradientExchange* exchange);
  ~Trainer();

  // An Error leaves the run where it was before the step.
  Status begin_step();
  Expected<StepReport> finish_step();  // kind retry: another worker's part is not there yet
  Expected<StepReport> step();

  // Weighted mean loss over `samples`.
  Expected<double> evaluate(std::span<const Sample> samples);

  Status save(const std::string& path) const;
  Status resume(const std::string& path);  // refuses what another run has saved
  // A llama GGUF in F32; every `tokenizer.*` key of `tokenizer` is passed through.
  Status export_gguf(const std::string& path, const std::string& name,
                     const ModelFile& tokenizer) const;

  std::uint64_t steps() const { return state_.steps; }  // done
  std::uint64_t rows() const { return state_.rows; }    // targets seen
  double flop() const { return flop_; }                 // of this worker's passes since it was made
  std::span<const float> weights() const { return state_.optimiser.weights.floats(); }
  const ParameterTable& table() const { return table_; }
  // Logits (rows, vocabulary) of a pass with the present weights, until the next call.
  Rows logits(const PassInput& input);

 private:
  Trainer(const TrainingOptions& options, ThreadPool& pool, const KernelTable& kernels,
          const SampleSource& source, GradientExchange* exchange);
  int own_shards() const { return kGradientShards / options_.workers; }
  GradientKey key_of(int worker) const;
  Status sum_shard(int shard, GradientSum& sum);
  Status run_pass(const PassInput& input, GradientSum& sum);
  ModelView gradient_view(GradientSum& sum);
  Status join_workers();
  void refresh();

  TrainingOptions options_;
  ThreadPool& pool_;
  const KernelTable& kernels_;
  const SampleSource& source_;
  GradientExchange* exchange_;

  ParameterTable table_;
  RunState state_;
  TransposedWeights transposed_;
  ModelPass pass_;
  FloatArray lookup_gradient_;  // of a tied embedding's rows, apart from its gradient as the head
  SumTree sums_;                // of own shards, then of all workers
  double flop_ = 0;
  std::optional<std::uint64_t> begun_;  // the step that sums_ is of
};

}  // namespace pecia::kernels
