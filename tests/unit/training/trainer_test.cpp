// A run is a pure function of its options and source: the bitwise matrix, and what a step refuses.

#include <cfenv>
#include <cmath>
#include <limits>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/training/tiny_training.hpp"
#include "tests/unit/training/training_runs.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr std::uint64_t kSteps = 20;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// What a host program may have left behind.
class RoundedUp {
 public:
  RoundedUp() { std::fesetround(FE_UPWARD); }
  ~RoundedUp() { std::fesetround(FE_TONEAREST); }
  RoundedUp(const RoundedUp&) = delete;
  RoundedUp& operator=(const RoundedUp&) = delete;
};

TEST_CASE("threads, passes and workers change no bit of the loss curve and the weights") {
  const TrainingOptions options = tiny_options(tied_trainable());
  const RunResult expected = run(options, {}, kSteps);
  REQUIRE(expected.losses.back() < expected.losses.front() - 0.3);
  for (const int workers : {1, 2, 4, 8}) {
    for (const int threads : {1, 2}) {
      for (const int rows : {1, 100'000}) {
        INFO(workers << " workers, " << threads << " threads, passes of " << rows << " rows");
        CHECK(run(options, {threads, rows, workers}, kSteps).digest() == expected.digest());
      }
    }
  }
}

TEST_CASE("every instruction set takes the same steps") {
  const TrainingOptions options = tiny_options(tiny_trainable());
  const std::string expected = run(options, {}, 3).digest();
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    CHECK(run(options, {2, 64, 1, list.tables[i]}, 3).digest() == expected);
  }
}

TEST_CASE("another seed gives other weights") {
  TrainingOptions options = tiny_options(tiny_trainable());
  const std::string one = run(options, {}, 1).digest();
  options.seed = 4;
  CHECK(run(options, {}, 1).digest() != one);
}

TEST_CASE("evaluation gives the weighted mean loss and changes nothing") {
  const TrainingOptions options = tiny_options(tiny_trainable());
  SimulatedRun simulated(options, {});
  RandomSource source(options.shape.vocabulary);
  std::vector<Sample> batch;
  batch.reserve(static_cast<std::size_t>(source.batch(0)));
  for (int i = 0; i < source.batch(0); ++i) batch.push_back(must(source.sample(0, i)));
  const double before = must(simulated.trainer().evaluate(batch));
  const StepReport report = must(simulated.trainer().step());
  CHECK(before == Approx(report.loss).epsilon(1e-9));
  CHECK(before == Approx(std::log(50.0)).epsilon(0.02));
  RunResult result;
  result.losses = {report.loss};
  simulated.run_to(3, result);
  CHECK(result.digest() == run(options, {}, 3).digest());
}

TEST_CASE("the learning rate warms up in a straight line and ends in half a cosine") {
  const RateSchedule schedule{1.0, 0.1, 4, 20};
  CHECK(rate_at(schedule, 0) == 0.25);
  CHECK(rate_at(schedule, 3) == 1.0);
  CHECK(rate_at(schedule, 4) == 1.0);
  CHECK(rate_at(schedule, 12) == Approx(0.55).epsilon(1e-12));
  CHECK(rate_at(schedule, 19) ==
        Approx(0.1 + 0.45 * (1 + std::cos(15.0 / 16.0 * 3.14159265358979))).epsilon(1e-12));
  CHECK(rate_at(schedule, 20) == 0.1);
  CHECK(rate_at({1.0, 0.5, 0, 0}, 0) == 0.5);
}

// -- refusals

class FixedSource : public SampleSource {
 public:
  explicit FixedSource(Sample sample) : sample_(std::move(sample)) {}
  int batch(std::uint64_t) const override { return 2; }
  Expected<Sample> sample(std::uint64_t, int) const override { return sample_; }
  Id fingerprint() const override { return {}; }

 private:
  Sample sample_;
};

std::string refusal_of(const Sample& sample) {
  ThreadPool pool(1);
  const FixedSource source(sample);
  const TrainingOptions options = tiny_options(tiny_trainable());
  const auto trainer =
      must(Trainer::create(options, pool, *runnable_kernel_tables().tables[0], source, nullptr));
  const Expected<StepReport> step = trainer->step();
  REQUIRE(!step);
  CHECK(step.error().kind == ErrorKind::refuse);
  CHECK(trainer->steps() == 0);
  return step.error().message;
}

TEST_CASE("a sample that cannot be trained on is refused by name") {
  CHECK(refusal_of({}) == "a training sample without a sequence");
  CHECK(refusal_of({{{1}, {}}}) == "a training sequence of 1 tokens, expected 2 to 257");
  CHECK(refusal_of({{{1, 50}, {1}}}) == "token 50 in a training sequence, the vocabulary has 50");
  CHECK(refusal_of({{{1, -1}, {1}}}) == "token -1 in a training sequence, the vocabulary has 50");
  CHECK(refusal_of({{{1, 2}, {}}}) == "0 loss weights for 1 targets");
  CHECK(refusal_of({{{1, 2}, {-1.0f}}}) == "a loss weight of -1, expected a number from 0 on");
  CHECK(refusal_of({{{1, 2}, {0.0f}}}) == "step 0: no target of the batch has a loss weight");
}

std::string refusal(void (*change)(TrainingOptions&)) {
  ThreadPool pool(1);
  const RandomSource source(50);
  TrainingOptions options = tiny_options(tiny_trainable());
  change(options);
  const auto made =
      Trainer::create(options, pool, *runnable_kernel_tables().tables[0], source, nullptr);
  REQUIRE(!made);
  CHECK(made.error().kind == ErrorKind::refuse);
  return made.error().message;
}

TEST_CASE("a shape that has no kernels for training is refused by its number") {
  CHECK(refusal([](TrainingOptions& o) { o.shape.width = 60; }) ==
        "cannot train a model with a width of 60: it must be a multiple of 32");
  CHECK(refusal([](TrainingOptions& o) { o.shape.heads = 3, o.shape.kv_heads = 2; }) ==
        "3 attention heads cannot share 2 key-value heads evenly");
  CHECK(refusal([](TrainingOptions& o) { o.workers = 3; }) ==
        "worker 0 of 3: there are 1, 2, 4 or 8 workers, from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.shape.rope_base = kNan; }) ==
        "cannot train a model with a rope base of nan");
  CHECK(refusal([](TrainingOptions& o) { o.shape.rope_base = 0.5; }) ==
        "cannot train a model with a rope base of 0.5");
  CHECK(refusal([](TrainingOptions& o) { o.shape.rope_linear_scale = 0; }) ==
        "cannot train a model with a rope scale of 0");
  CHECK(refusal([](TrainingOptions& o) { o.shape.norm_epsilon = 0; }) ==
        "cannot train a model with a norm epsilon of 0");
  CHECK(refusal([](TrainingOptions& o) { o.shape.norm_epsilon = float(kInfinity); }) ==
        "cannot train a model with a norm epsilon of inf");
}

TEST_CASE("a number that no step can be taken with is refused before the first one") {
  CHECK(refusal([](TrainingOptions& o) { o.rate.peak = kNan; }) ==
        "a learning rate of nan, expected a number from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.rate.peak = -1; }) ==
        "a learning rate of -1, expected a number from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.rate.floor = -kInfinity; }) ==
        "a last learning rate of -inf, expected a number from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.rate.floor = 0.5; }) ==
        "a last learning rate of 0.5, above the highest of 0.01");
  CHECK(refusal([](TrainingOptions& o) { o.adamw.beta1 = 1; }) ==
        "a beta1 of 1, expected a number from 0 to below 1");
  CHECK(refusal([](TrainingOptions& o) { o.adamw.beta2 = kNan; }) ==
        "a beta2 of nan, expected a number from 0 to below 1");
  CHECK(refusal([](TrainingOptions& o) { o.adamw.epsilon = 0; }) ==
        "an epsilon of AdamW of 0, expected a number above 0");
  CHECK(refusal([](TrainingOptions& o) { o.adamw.weight_decay = kInfinity; }) ==
        "a weight decay of inf, expected a number from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.adamw.clip_norm = -1; }) ==
        "a norm to clip at of -1, expected a number from 0 on");
  CHECK(refusal([](TrainingOptions& o) { o.init_deviation = kNan; }) ==
        "a deviation of the first weights of nan, expected a number from 0 on");
}

TEST_CASE("a caller that rounds upward changes neither steps nor logits") {
  const TrainingOptions options = tiny_options(tiny_trainable());
  const PassInput input = random_input({{5, 250}}, options.shape.vocabulary, 2);
  const auto bits = [&] {
    SimulatedRun simulated(options, {});
    const Rows logits = simulated.trainer().logits(input);
    std::vector<double> values;
    for (int row = 0; row < logits.rows; ++row) {
      for (int col = 0; col < logits.cols; ++col) values.push_back(logits.at(row, col));
    }
    RunResult result;
    simulated.run_to(2, result);
    result.losses.insert(result.losses.end(), values.begin(), values.end());
    return result.digest();
  };
  const std::string expected = bits();
  const RoundedUp mode;
  CHECK(bits() == expected);
}

TEST_CASE("a gradient damaged on its way is not added") {
  GradientSum sum(64), back(64), other(32);
  sum.gradient.data()[5] = 1.5f;
  sum.loss = 2, sum.loss_weight = 3, sum.rows = 4;
  std::vector<std::byte> bytes = encode(sum);
  must(decode(bytes, "shard", back));
  CHECK(back.gradient.data()[5] == 1.5f);
  CHECK((back.loss == 2 && back.loss_weight == 3 && back.rows == 4));
  CHECK(decode(bytes, "shard", other).error().message == "shard: 304 bytes, expected 176");
  bytes[40] ^= std::byte{1};
  CHECK(decode(bytes, "shard", back).error().message == "shard: its checksum does not agree");
}

}  // namespace
