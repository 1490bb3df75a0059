// Checkpoints: nothing is taken from a bad one, and a good one survives a failing writer.

#include "kernels/training/checkpoint.hpp"

#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/training/tiny_training.hpp"
#include "tests/unit/training/training_runs.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr std::size_t kHeaderBytes = 144;

RunState filled_state(const ModelParams& shape) {
  RunState state(ParameterTable(shape).floats());
  initialise(ParameterTable(shape), shape, 5, 0.1, state.optimiser.weights.data());
  state.optimiser.first_moment.data()[3] = 0.25f;
  state.optimiser.second_moment.data()[4] = 1e-30f;
  state.optimiser.beta1_power = 0.9, state.optimiser.beta2_power = 0.95;
  state.run = {9, 8, 7}, state.steps = 17, state.rows = 1'234;
  return state;
}

std::string message_of(const Status& status) {
  REQUIRE(!status);
  CHECK(status.error().message.find('\n') == std::string::npos);
  return status.error().message;
}

TEST_CASE("a checkpoint gives back every bit") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const ModelParams shape = tiny_trainable();
  const RunState state = filled_state(shape);
  must(write_checkpoint(path, shape, state));
  RunState back(state.optimiser.weights.size());
  back.run = state.run;
  must(read_checkpoint(path, shape, back));
  const auto same = [](const FloatArray& a, const FloatArray& b) {
    return std::ranges::equal(std::as_bytes(a.floats()), std::as_bytes(b.floats()));
  };
  CHECK(same(back.optimiser.weights, state.optimiser.weights));
  CHECK(same(back.optimiser.first_moment, state.optimiser.first_moment));
  CHECK(same(back.optimiser.second_moment, state.optimiser.second_moment));
  CHECK(back.optimiser.beta1_power == 0.9);
  CHECK(back.optimiser.beta2_power == 0.95);
  CHECK((back.steps == 17 && back.rows == 1'234));
}

TEST_CASE("nothing is taken from a checkpoint cut short, damaged or foreign") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const ModelParams shape = tiny_trainable();
  const RunState state = filled_state(shape);
  must(write_checkpoint(path, shape, state));
  const std::string whole = read_file(path);
  RunState target(state.optimiser.weights.size());
  target.run = state.run;
  const auto refusal = [&](const std::string& content) {
    write_file(path, content);
    const std::string message = message_of(read_checkpoint(path, shape, target));
    REQUIRE(message.starts_with(path));
    CHECK(target.steps == 0);
    CHECK(target.optimiser.weights.data()[0] == 0);
    return message.substr(path.size());
  };
  CHECK(refusal("PECIA") == ": 5 bytes, too short for a checkpoint");
  CHECK(refusal(std::string(500, 'x')) == ": not a checkpoint of pecia");
  for (const std::size_t size : {kHeaderBytes, whole.size() / 2, whole.size() - 1}) {
    CHECK(refusal(whole.substr(0, size)).starts_with(": " + std::to_string(size) + " bytes, a "));
  }
  CHECK(refusal(whole + "x")
            .ends_with("a checkpoint of this model has " + std::to_string(whole.size())));
  for (const std::size_t place :
       {std::size_t{120}, kHeaderBytes, whole.size() / 2, whole.size() - 1}) {
    std::string flipped = whole;
    flipped[place] = static_cast<char>(flipped[place] ^ 4);
    INFO("bit flipped at " << place);
    CHECK(refusal(flipped) == ": damaged, its SHA-256 does not agree");
  }
  std::string newer = whole;
  newer[8] = 3;
  CHECK(refusal(newer) == ": checkpoint version 3, this program reads 2");
  target.run = {};
  CHECK(refusal(whole).starts_with(": a checkpoint of a run with other flags, data or seed"));
  CHECK(message_of(read_checkpoint(folder.file("absent"), shape, target)).find("absent") !=
        std::string::npos);
}

TEST_CASE("a checkpoint of another shape is refused with both shapes") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const ModelParams shape = tiny_trainable();
  must(write_checkpoint(path, shape, filled_state(shape)));
  ModelParams wider = shape;
  wider.width = 96;
  RunState target(ParameterTable(wider).floats());
  const std::string message = message_of(read_checkpoint(path, wider, target));
  CHECK(message.find("a checkpoint of another model (2 layers of 64, ") != std::string::npos);
  CHECK(message.find("this one has 2 layers of 96, ") != std::string::npos);
}

// Files of this process may not grow beyond `bytes` while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, ignored_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_{};
  void (*ignored_)(int);
};

TEST_CASE("a disk that fills up while a checkpoint is written leaves the old one intact") {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.checkpoint");
  const ModelParams shape = tiny_trainable();
  RunState state = filled_state(shape);
  must(write_checkpoint(path, shape, state));
  const std::string old = read_file(path);
  state.steps = 18;
  {
    const FileSizeLimit limit(100'000);
    const Status written = write_checkpoint(path, shape, state);
    REQUIRE(!written);
    CHECK(written.error().kind == ErrorKind::retry);
    CHECK(written.error().message == path + ": cannot write: File too large");
  }
  CHECK(read_file(path) == old);
  CHECK(folder.entries() == 1);
  const Status full = write_checkpoint("/dev/full", shape, state);
  REQUIRE(!full);
  CHECK(full.error().kind == ErrorKind::retry);
  CHECK(full.error().message == "/dev/full: cannot write: No space left on device");
}

}  // namespace
