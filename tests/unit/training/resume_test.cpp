// A run goes on from its own checkpoint to the same bits, and from no other.

#include <string>

#include "tests/catch.hpp"
#include "tests/unit/training/tiny_training.hpp"
#include "tests/unit/training/training_runs.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr std::uint64_t kSteps = 12;

// Number `place` of a round, in [first, end).
std::uint64_t drawn(std::uint64_t round, std::uint64_t place, std::uint64_t first,
                    std::uint64_t end) {
  return first + philox64(77, round, place) % (end - first);
}

TEST_CASE("a run killed at any step goes on from its checkpoint to the same bits") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  for (const ModelParams& shape : {tiny_trainable(), tied_trainable()}) {
    const TrainingOptions options = tiny_options(shape);
    const std::string expected = run(options, {}, kSteps).digest();
    for (std::uint64_t round = 0; round < 6; ++round) {
      const std::uint64_t saved_at = drawn(round, 0, 0, kSteps - 1);
      const std::uint64_t killed_at = drawn(round, 1, saved_at, kSteps);
      const int before = 1 << drawn(round, 2, 0, 4), after = 1 << drawn(round, 3, 0, 4);
      INFO("saved at step " << saved_at << ", killed at step " << killed_at << ", " << before
                            << " workers before, " << after << " after");
      RunResult result;
      {
        SimulatedRun killed(options, {2, 64, before});
        killed.run_to(saved_at, result);
        must(killed.trainer(before - 1).save(path));
        killed.run_to(killed_at, result);
      }
      SimulatedRun resumed(options, {1, 300, after});
      resumed.resume(path);
      REQUIRE(resumed.trainer().steps() == saved_at);
      resumed.run_to(kSteps, result);
      CHECK(result.digest() == expected);
    }
  }
}

// How the run of these options and this source meets the checkpoint that another one has left.
std::string refusal(const TrainingOptions& options, const RandomSource& source,
                    const std::string& path) {
  const std::string content = read_file(path);
  ThreadPool pool(1);
  const auto trainer =
      must(Trainer::create(options, pool, *runnable_kernel_tables().tables[0], source, nullptr));
  const std::vector<float> weights(trainer->weights().begin(), trainer->weights().end());
  const Status resumed = trainer->resume(path);
  CHECK(trainer->steps() == (resumed ? 2 : 0));
  CHECK(std::ranges::equal(weights, trainer->weights()) == !resumed);
  CHECK(read_file(path) == content);
  if (resumed) return "";
  CHECK(resumed.error().kind == ErrorKind::refuse);
  return resumed.error().message;
}

TEST_CASE("a checkpoint of a run with another option is refused, the file stays") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const TrainingOptions own = tiny_options(tiny_trainable());
  const RandomSource source(own.shape.vocabulary);
  SimulatedRun simulated(own, {});
  RunResult ignored;
  simulated.run_to(2, ignored);
  must(simulated.trainer().save(path));
  REQUIRE(refusal(own, source, path) == "");
  const std::string foreign =
      path +
      ": a checkpoint of a run with other flags, data or seed; remove it or name another "
      "(--checkpoint) to start anew";
  using Change = void (*)(TrainingOptions&);
  for (const Change change : {Change{[](TrainingOptions& o) { o.seed = 4; }},
                              Change{[](TrainingOptions& o) { o.init_deviation = 0.03; }},
                              Change{[](TrainingOptions& o) { o.rate.peak = 2e-2; }},
                              Change{[](TrainingOptions& o) { o.rate.floor = 2e-3; }},
                              Change{[](TrainingOptions& o) { o.rate.warmup_steps = 5; }},
                              Change{[](TrainingOptions& o) { o.rate.steps = 1; }},
                              Change{[](TrainingOptions& o) { o.adamw.beta1 = 0.8; }},
                              Change{[](TrainingOptions& o) { o.adamw.beta2 = 0.99; }},
                              Change{[](TrainingOptions& o) { o.adamw.epsilon = 1e-7; }},
                              Change{[](TrainingOptions& o) { o.adamw.weight_decay = 0; }},
                              Change{[](TrainingOptions& o) { o.adamw.clip_norm = 2; }}}) {
    TrainingOptions options = own;
    change(options);
    CHECK(refusal(options, source, path) == foreign);
  }
  CHECK(refusal(own, RandomSource(own.shape.vocabulary, 1), path) == foreign);
  TrainingOptions grouped = own;
  grouped.pass_rows_max = 7;
  CHECK(refusal(grouped, source, path) == "");
}

TEST_CASE("every number of the shape is in the fingerprint of a run") {
  const TrainingOptions own = tiny_options(tiny_trainable());
  const RandomSource source(own.shape.vocabulary);
  const Digest digest = run_fingerprint(own, source);
  CHECK(run_fingerprint(own, source) == digest);
  using Change = void (*)(ModelParams&);
  for (const Change change :
       {Change{[](ModelParams& s) { s.layers = 3; }}, Change{[](ModelParams& s) { s.width = 96; }},
        Change{[](ModelParams& s) { s.heads = 4; }}, Change{[](ModelParams& s) { s.kv_heads = 2; }},
        Change{[](ModelParams& s) { s.head_dim = 64; }},
        Change{[](ModelParams& s) { s.ffn_width = 64; }},
        Change{[](ModelParams& s) { s.vocabulary = 51; }},
        Change{[](ModelParams& s) { s.context = 128; }},
        Change{[](ModelParams& s) { s.norm_epsilon = 1e-6f; }},
        Change{[](ModelParams& s) { s.rope_base = 20'000; }},
        Change{[](ModelParams& s) { s.rope_linear_scale = 2; }},
        Change{[](ModelParams& s) { s.tied_embeddings = true; }}}) {
    TrainingOptions options = own;
    change(options.shape);
    CHECK(run_fingerprint(options, source) != digest);
  }
}

}  // namespace
