#pragma once
// Sources of samples and whole runs for the tests of the trainer.

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/training/trainer.hpp"

namespace pecia::kernels::testing {

template <class T>
T must(Expected<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

// Batches of 9 to 17 samples, of one to three sequences of 2 to 40 tokens; every 20th is long.
class RandomSource : public SampleSource {
 public:
  explicit RandomSource(int vocabulary) : vocabulary_(vocabulary) {}
  int batch(std::uint64_t step) const override { return 9 + static_cast<int>(step % 9); }
  Expected<Sample> sample(std::uint64_t step, int index) const override {
    const std::uint64_t key = step * 1'000 + static_cast<std::uint64_t>(index);
    Sample sample(1 + philox64(1, key, 0) % 3);
    for (std::size_t s = 0; s < sample.size(); ++s) {
      const std::uint64_t length = key % 20 == 7 ? 150 : 2 + philox64(2, key, s) % 39;
      for (std::uint64_t i = 0; i < length; ++i) {
        const auto drawn = philox64(3 + s, key, i) % static_cast<std::uint64_t>(vocabulary_);
        sample[s].tokens.push_back(static_cast<TokenId>(i % 3 == 2 ? i % 5 : drawn));
        if (i > 0) sample[s].weights.push_back(i % 7 == 0 ? 0.0f : i % 7 == 1 ? 3.0f : 1.0f);
      }
    }
    return sample;
  }

 private:
  int vocabulary_;
};

inline TrainingOptions tiny_options(const ModelParams& shape) {
  TrainingOptions options;
  options.shape = shape;
  options.seed = 3;
  options.rate = {1e-2, 1e-3, 4, 20};
  return options;
}

struct RunResult {
  std::vector<double> losses;
  std::vector<float> weights;

  std::string digest() const {  // of both
    Sha256 hash;
    hash.update(std::as_bytes(std::span(losses)));
    hash.update(std::as_bytes(std::span(weights)));
    return hex(hash.finish());
  }
};

struct Knobs {
  int threads = 1;
  int pass_rows_max = 64;
  int workers = 1;
  const KernelTable* kernels = runnable_kernel_tables().tables[0];
};

// All workers of a run in one process, in lock-step.
class SimulatedRun {
 public:
  SimulatedRun(TrainingOptions options, const Knobs& knobs)
      : source_(options.shape.vocabulary), pool_(knobs.threads) {
    options.pass_rows_max = knobs.pass_rows_max;
    options.workers = knobs.workers;
    for (options.worker = 0; options.worker < knobs.workers; ++options.worker) {
      workers_.push_back(
          must(Trainer::create(options, pool_, *knobs.kernels, source_, &exchange_)));
    }
  }

  Trainer& trainer() { return *workers_.front(); }
  StepReport step() {
    for (auto& worker : workers_) must(worker->begin_step());
    StepReport report;
    for (auto& worker : workers_) report = must(worker->finish_step());
    return report;
  }
  void resume(const std::string& path) {
    for (auto& worker : workers_) must(worker->resume(path));
  }
  // Steps until `end`; losses[i] is that of step i.
  void run_to(std::uint64_t end, RunResult& result) {
    result.losses.resize(end);
    while (trainer().steps() < end) {
      const StepReport report = step();
      result.losses[report.step] = report.loss;
    }
    result.weights.assign(workers_.back()->weights().begin(), workers_.back()->weights().end());
  }

 private:
  RandomSource source_;
  ThreadPool pool_;
  LocalExchange exchange_;
  std::vector<std::unique_ptr<Trainer>> workers_;
};

inline RunResult run(const TrainingOptions& options, const Knobs& knobs, std::uint64_t steps) {
  SimulatedRun simulated(options, knobs);
  RunResult result;
  simulated.run_to(steps, result);
  return result;
}

}  // namespace pecia::kernels::testing
