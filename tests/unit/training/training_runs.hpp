#pragma once
// Sources of samples and whole runs for the tests of the trainer.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/training/local_exchange.hpp"
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
  explicit RandomSource(int vocabulary, std::uint8_t name = 0)
      : vocabulary_(vocabulary), name_(name) {}
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
  Id fingerprint() const override { return {name_}; }

 private:
  int vocabulary_;
  std::uint8_t name_;
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
  std::uint64_t steps_kept = 2;
};

// All workers of a run in one process, taking turns.
class SimulatedRun {
 public:
  SimulatedRun(const TrainingOptions& options, const Knobs& knobs)
      : options_(options),
        kernels_(*knobs.kernels),
        source_(options.shape.vocabulary),
        pool_(knobs.threads),
        exchange_(knobs.steps_kept) {
    options_.pass_rows_max = knobs.pass_rows_max;
    options_.workers = knobs.workers;
    for (int worker = 0; worker < knobs.workers; ++worker) workers_.push_back(made(worker));
  }

  int workers() const { return options_.workers; }
  Trainer& trainer(int worker = 0) { return *workers_[std::size_t(worker)].trainer; }
  void resume(const std::string& path) {
    for (Worker& worker : workers_) must(worker.trainer->resume(path));
  }
  // The worker dies where it stands, and another one in its place goes on from the checkpoint.
  void replace(int worker, const std::string& path) {
    workers_[std::size_t(worker)] = made(worker);
    must(trainer(worker).resume(path));
  }
  // One call of one worker: it begins or tries to finish a step. False: it has to wait.
  bool turn(int number, RunResult& result) {
    Worker& worker = workers_[std::size_t(number)];
    if (!worker.begun) {
      must(worker.trainer->begin_step());
      return worker.begun = true;
    }
    const Expected<StepReport> report = worker.trainer->finish_step();
    if (!report && report.error().kind == ErrorKind::retry) return false;
    const StepReport step = must(report);
    worker.begun = false;
    result.losses.resize(std::max(result.losses.size(), std::size_t(step.step + 1)));
    result.losses[step.step] = step.loss;
    return true;
  }
  // Steps until `end`; losses[i] is that of step i.
  void run_to(std::uint64_t end, RunResult& result) {
    for (bool moved = true; moved;) {
      moved = false;
      for (int i = 0; i < workers(); ++i) {
        if (trainer(i).steps() < end) moved = turn(i, result) || moved;
      }
    }
    result.weights.assign(trainer().weights().begin(), trainer().weights().end());
    for (const Worker& worker : workers_) {
      if (worker.trainer->steps() < end) throw std::runtime_error("all workers wait");
      if (std::ranges::equal(std::as_bytes(worker.trainer->weights()),
                             std::as_bytes(trainer().weights()))) {
        continue;
      }
      throw std::runtime_error("two workers have different weights");
    }
  }

 private:
  struct Worker {
    std::unique_ptr<Trainer> trainer;
    bool begun = false;
  };
  Worker made(int worker) {
    options_.worker = worker;
    return {must(Trainer::create(options_, pool_, kernels_, source_, &exchange_))};
  }

  TrainingOptions options_;
  const KernelTable& kernels_;
  RandomSource source_;
  ThreadPool pool_;
  LocalExchange exchange_;
  std::vector<Worker> workers_;
};

inline RunResult run(const TrainingOptions& options, const Knobs& knobs, std::uint64_t steps) {
  SimulatedRun simulated(options, knobs);
  RunResult result;
  simulated.run_to(steps, result);
  return result;
}

}  // namespace pecia::kernels::testing
