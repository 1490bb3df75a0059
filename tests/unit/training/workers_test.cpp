// Several workers of one run: how they wait for each other, come back from the dead, and share no
// more than their sums.

#include <map>
#include <string>
#include <thread>

#include "tests/catch.hpp"
#include "tests/unit/training/tiny_training.hpp"
#include "tests/unit/training/training_runs.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr std::uint64_t kSteps = 14;

TEST_CASE("a worker that comes back from an older checkpoint catches up with those who went on") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  for (const ModelParams& shape : {tiny_trainable(), tied_trainable()}) {
    const TrainingOptions options = tiny_options(shape);
    const std::string expected = run(options, {}, kSteps).digest();
    for (const int workers : {2, 4, 8}) {
      const auto drawn = [workers](std::uint64_t place, std::uint64_t first, std::uint64_t end) {
        return first + philox64(78, std::uint64_t(workers), place) % (end - first);
      };
      const std::uint64_t saved_at = drawn(0, 0, kSteps - 6);
      const std::uint64_t killed_at = drawn(1, saved_at + 2, kSteps);
      const int victim = int(drawn(2, 0, std::uint64_t(workers)));
      SimulatedRun simulated(options, {1, 300, workers, runnable_kernel_tables().tables[0], 16});
      RunResult result;
      simulated.run_to(saved_at, result);
      must(simulated.trainer(victim).save(path));
      simulated.run_to(killed_at, result);
      // Into the step, so that some workers have begun it and some ended it.
      for (std::uint64_t i = 0; i < 20; ++i) {
        const int number = int(drawn(3 + i, 0, std::uint64_t(workers)));
        if (simulated.trainer(number).steps() < kSteps) simulated.turn(number, result);
      }
      simulated.replace(victim, path);
      INFO("worker " << victim << " of " << workers << " back from " << killed_at << " to "
                     << saved_at);
      REQUIRE(simulated.trainer(victim).steps() == saved_at);
      simulated.run_to(kSteps, result);
      CHECK(result.digest() == expected);
    }
  }
}

TEST_CASE("a worker that comes back too late is told to go back with all others") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const TrainingOptions options = tiny_options(tiny_trainable());
  SimulatedRun simulated(options, {1, 300, 2, runnable_kernel_tables().tables[0], 4});
  RunResult result;
  simulated.run_to(2, result);
  must(simulated.trainer().save(path));
  simulated.run_to(7, result);
  simulated.turn(1, result);
  simulated.replace(0, path);
  const Status begun = simulated.trainer().begin_step();
  REQUIRE(!begun);
  CHECK(begun.error().kind == ErrorKind::refuse);
  CHECK(begun.error().message ==
        "step 2: its gradients are gone, the other workers are at step 7 and 4 steps are kept; all "
        "workers must go back to the same checkpoint");
  SimulatedRun anew(options, {1, 300, 2});
  anew.resume(path);
  anew.run_to(kSteps, result);
  CHECK(result.digest() == run(options, {}, kSteps).digest());
}

TEST_CASE("an exchange keeps the last steps of each run, and tells late from not yet there") {
  const auto key = [](std::uint8_t run, std::uint64_t step) {
    return GradientKey{Id{run}, step, 4, 4};
  };
  const std::vector<std::byte> bytes(3, std::byte{7});
  LocalExchange exchange(3);
  for (std::uint64_t step = 0; step < 6; ++step) must(exchange.publish(key(1, step), bytes));
  must(exchange.publish(key(2, 0), bytes));
  for (const std::uint64_t step : {3, 4, 5}) CHECK(must(exchange.fetch(key(1, step))) == bytes);
  CHECK(must(exchange.fetch(key(2, 0))) == bytes);
  const auto kind = [](const auto& result) { return result.error().kind; };
  CHECK(kind(exchange.fetch(key(1, 6))) == ErrorKind::retry);
  CHECK(kind(exchange.fetch(key(1, 2))) == ErrorKind::refuse);
  CHECK(kind(exchange.publish(key(1, 2), bytes)) == ErrorKind::refuse);
  must(exchange.publish(key(1, 3), bytes));
  CHECK(must(exchange.fetch(key(1, 5))) == bytes);
}

// Counts what is fetched with success, by first shard.
class CountingExchange : public GradientExchange {
 public:
  Status publish(const GradientKey& key, std::vector<std::byte> bytes) override {
    return sums_.publish(key, std::move(bytes));
  }
  Expected<std::vector<std::byte>> fetch(const GradientKey& key) override {
    auto bytes = sums_.fetch(key);
    if (bytes) ++fetched[key.first_shard];
    keys.push_back(key);
    return bytes;
  }

  std::map<int, int> fetched;
  std::vector<GradientKey> keys;

 private:
  LocalExchange sums_{2};
};

std::unique_ptr<Trainer> worker_of(TrainingOptions options, int worker, ThreadPool& pool,
                                   const SampleSource& source, GradientExchange& exchange) {
  options.worker = worker;
  return must(
      Trainer::create(options, pool, *runnable_kernel_tables().tables[0], source, &exchange));
}

TEST_CASE("a worker waits for the parts of the others, and fetches each of them once") {
  TrainingOptions options = tiny_options(tiny_trainable());
  const StepReport expected = [&] {
    SimulatedRun simulated(options, {});
    return must(simulated.trainer().step());
  }();
  options.workers = 8;
  ThreadPool pool(1);
  const RandomSource source(options.shape.vocabulary);
  for (const int waiting : {0, 3, 7}) {
    CountingExchange exchange;
    const auto trainer = worker_of(options, waiting, pool, source, exchange);
    must(trainer->begin_step());
    for (int other = 0; other < 8; ++other) {
      if (other == waiting) continue;
      const Expected<StepReport> early = trainer->finish_step();
      REQUIRE(!early);
      CHECK(early.error().kind == ErrorKind::retry);
      CHECK(early.error().message == fmt::format("step 0: the gradient of shards {0} to {0} is not "
                                                 "there yet",
                                                 other));
      must(worker_of(options, other, pool, source, exchange)->begin_step());
    }
    const StepReport report = must(trainer->finish_step());
    CHECK(report.loss == expected.loss);
    CHECK(report.gradient_norm == expected.gradient_norm);
    CHECK(exchange.fetched.size() == 7);
    CHECK(exchange.fetched.count(waiting) == 0);
    for (const auto& [shard, times] : exchange.fetched) CHECK(times == 1);
  }
}

TEST_CASE("runs that differ in seed or samples have different names in the exchange") {
  const auto run_of = [](std::uint64_t seed, std::uint8_t samples) {
    TrainingOptions options = tiny_options(tiny_trainable());
    options.workers = 2;
    options.seed = seed;
    ThreadPool pool(1);
    const RandomSource source(options.shape.vocabulary, samples);
    CountingExchange exchange;
    const auto trainer = worker_of(options, 0, pool, source, exchange);
    must(trainer->begin_step());
    CHECK(!trainer->finish_step());
    options.workers = 1;
    const Digest digest = run_fingerprint(options, source);
    CHECK(std::ranges::equal(exchange.keys.back().run, std::span(digest).first(sizeof(Id))));
    return exchange.keys.back().run;
  };
  CHECK(run_of(1, 0) == run_of(1, 0));
  CHECK(run_of(1, 0) != run_of(2, 0));
  CHECK(run_of(1, 0) != run_of(1, 1));
}

// Steps of one worker on a thread of its own.
void work(Trainer& trainer, std::vector<double>& losses, std::string& error) {
  while (trainer.steps() < kSteps) {
    const Status begun = trainer.begin_step();
    if (!begun) return void(error = begun.error().message);
    Expected<StepReport> report = trainer.finish_step();
    while (!report && report.error().kind == ErrorKind::retry) {
      std::this_thread::yield();
      report = trainer.finish_step();
    }
    if (!report) return void(error = report.error().message);
    losses.push_back(report->loss);
  }
}

TEST_CASE("workers on threads of their own take the same steps") {
  TrainingOptions options = tiny_options(tied_trainable());
  const RunResult expected = run(options, {}, kSteps);
  const RandomSource source(options.shape.vocabulary);
  for (const int workers : {2, 4}) {
    options.workers = workers;
    LocalExchange exchange(2);
    const auto count = std::size_t(workers);
    std::vector<RunResult> results(count);
    std::vector<std::string> errors(count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        ThreadPool pool(1);
        const auto trainer = worker_of(options, int(i), pool, source, exchange);
        work(*trainer, results[i].losses, errors[i]);
        results[i].weights.assign(trainer->weights().begin(), trainer->weights().end());
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(errors[i] == "");
      CHECK(results[i].digest() == expected.digest());
    }
  }
}

}  // namespace
