// Speed of a training step, by default of the built-in shape: 4.46 million parameters.
//   train_bench [--width N] [--layers N] ... [--length N] [--batch N] [-t N] [--cpu NAME]
// Prints tokens/s, the achieved GFLOP/s of the matrix products and of attention, and the share of
// the FMA peak measured in the same call.

#include <vector>

#include "apps/pecia/fma_peak.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/training/trainer.hpp"
#include "kernels/training/training_flop.hpp"
#include "tests/bench/bench_support.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::bench;

struct Options {
  ModelParams shape;
  std::vector<int> lengths{128, 256, 512, 1024, 2048};
  int batch_tokens = 8'192;
  int pass_rows = 1'024;
  MachineOptions machine;
};

// Batches of `batch` sequences of `length` targets, all of weight 1.
class UniformSource : public SampleSource {
 public:
  UniformSource(int vocabulary, int batch, int length)
      : vocabulary_(vocabulary), batch_(batch), length_(length) {}
  int batch(std::uint64_t) const override { return batch_; }
  Expected<Sample> sample(std::uint64_t step, int index) const override {
    Sequence sequence;
    const std::uint64_t key = step << 32 | static_cast<std::uint64_t>(index);
    for (int i = 0; i <= length_; ++i) {
      const std::uint64_t drawn = philox64(1, key, static_cast<std::uint64_t>(i));
      sequence.tokens.push_back(
          static_cast<TokenId>(drawn % static_cast<std::uint64_t>(vocabulary_)));
    }
    sequence.weights.assign(static_cast<std::size_t>(length_), 1.0f);
    return Sample{sequence};
  }
  Id fingerprint() const override { return {}; }

 private:
  int vocabulary_;
  int batch_;
  int length_;
};

int bench_length(const Options& options, ThreadPool& pool, const KernelTable& kernels, int length,
                 double peak) {
  const int batch = std::max(1, options.batch_tokens / length);
  const UniformSource source(options.shape.vocabulary, batch, length);
  TrainingOptions training;
  training.shape = options.shape;
  training.pass_rows_max = options.pass_rows;
  auto trainer = Trainer::create(training, pool, kernels, source, nullptr);
  if (!trainer) return fmt::print(stderr, "{}\n", trainer.error().message), 2;
  double loss = 0;
  const double seconds = median_seconds(kRuns, [&] {
    const Expected<StepReport> step = (*trainer)->step();
    loss = step ? step->loss : 0;
  });
  if (!(loss > 0)) return fmt::print(stderr, "a step failed\n"), 2;
  const double tokens = double(batch) * length;
  PassRows rows{length, {}, {{0, length}}};
  const double gflops = batch * training_flop(options.shape, rows) / seconds * 1e-9;
  fmt::print("length {:5}, batch {:4}: {:8.0f} tokens/s {:7.1f} GFLOP/s, {:.0f}% of the FMA peak\n",
             length, batch, tokens / seconds, gflops, peak > 0 ? 100 * gflops / peak : 0.0);
  return 0;
}

void add_options(CLI::App& app, Options& options) {
  ModelParams& shape = options.shape;
  shape.layers = 4, shape.width = 256, shape.heads = 8, shape.kv_heads = 4, shape.head_dim = 32;
  shape.ffn_width = 768, shape.vocabulary = 5'120, shape.context = 2'048;
  shape.norm_epsilon = 1e-5f, shape.tied_embeddings = true;
  app.add_option("--layers", shape.layers)->check(CLI::Range(1, 64));
  app.add_option("--width", shape.width)->check(CLI::Range(32, 4096));
  app.add_option("--heads", shape.heads)->check(CLI::Range(1, 64));
  app.add_option("--kv-heads", shape.kv_heads)->check(CLI::Range(1, 64));
  app.add_option("--head-dim", shape.head_dim)->check(CLI::Range(32, kHeadDimMax));
  app.add_option("--ffn", shape.ffn_width)->check(CLI::Range(32, 16'384));
  app.add_option("--vocabulary", shape.vocabulary)->check(CLI::Range(2, 1 << 17));
  app.add_option("--length", options.lengths, "targets of a sequence; several give several lines")
      ->check(CLI::Range(1, 2'048));
  app.add_option("--batch-tokens", options.batch_tokens, "targets of a step")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--pass-rows", options.pass_rows, "rows that go through the model together")
      ->check(CLI::Range(1, 1 << 20));
  options.machine.add_to(app);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Speed of a training step");
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto isa = choose_isa(options.machine.isa);
  if (!isa) return fmt::print(stderr, "{}\n", isa.error().message), 2;
  ThreadPool pool(options.machine.threads);
  const double peak = pecia::apps::fma_peak_gflop_s(pool, *isa);
  const KernelTable& kernels = kernel_table(*isa);
  fmt::print("{}, {} threads, FMA peak {:.0f} GFLOP/s, {} parameters\n", kernels.name,
             pool.threads(), peak, ParameterTable(options.shape).floats());
  for (const int length : options.lengths) {
    if (const int failed = bench_length(options, pool, kernels, length, peak)) return failed;
  }
  return 0;
}
