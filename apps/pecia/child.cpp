#include "apps/pecia/child.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <utility>

#include "apps/pecia/child_process.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kLookMs = 5;  // between two looks at the clock and at the child
constexpr std::size_t kErrBytesMax = 64 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kPiecesPerLookMax = 64;  // far more than a pipe holds

// A child from its start to its end; it does not outlive the object.
class Child {
 public:
  Child(const ChildOrder& order, ChildProcess process)
      : order_(order), process_(std::move(process)) {}

  ChildStory watch();

 private:
  bool reap(bool wait);  // true once it is gone
  std::optional<ChildEnd> verdict() const;
  static void take(Descriptor& stream, std::string& text, std::size_t bytes_max);
  void take_all() {
    take(process_.out(), story_.out, order_.out_bytes_max + 1);
    take(process_.err(), story_.err, kErrBytesMax);
    if (!story_.beyond_s && story_.out.size() > order_.known_bytes) {
      story_.beyond_s = watch_.seconds();
    }
  }

  const ChildOrder& order_;
  ChildProcess process_;
  int status_ = 0;
  Stopwatch watch_;
  ChildStory story_;
};

bool Child::reap(bool wait) {
  const auto status = process_.reap(wait);
  if (status) status_ = *status;
  return status.has_value();
}

// Takes what is there; beyond `bytes_max` it is dropped, so that nobody waits for room.
void Child::take(Descriptor& stream, std::string& text, std::size_t bytes_max) {
  for (int pieces = 0; pieces < kPiecesPerLookMax; ++pieces) {
    const std::string piece = ChildProcess::read_some(stream, kPieceBytes);
    if (piece.empty()) return;
    const std::size_t room = bytes_max - std::min(bytes_max, text.size());
    text.append(piece, 0, std::min(room, piece.size()));
  }
}

// What calls for the end of a child that still runs.
std::optional<ChildEnd> Child::verdict() const {
  const double seconds = watch_.seconds();
  if (interrupted()) return ChildEnd::interrupted;
  if (story_.out.size() > order_.out_bytes_max) return ChildEnd::talkative;
  if (order_.kill_s && seconds >= *order_.kill_s) return ChildEnd::killed;
  if (seconds * 1e3 >= static_cast<double>(order_.limit_ms)) return ChildEnd::overdue;
  return {};
}

ChildStory Child::watch() {
  while (!reap(false)) {
    if (const auto due = verdict()) {
      story_.end = *due;
      process_.kill();
      reap(true);
      // It was quicker than the signal: what it did itself is what counts.
      if (!WIFSIGNALED(status_)) story_.end = ChildEnd::exited;
      break;
    }
    std::array<struct pollfd, 2> streams = {
        {{process_.out().number(), POLLIN, 0}, {process_.err().number(), POLLIN, 0}}};
    ::poll(streams.data(), streams.size(), kLookMs);
    take_all();
  }
  story_.seconds = watch_.seconds();
  take_all();
  story_.code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  return std::move(story_);
}

}  // namespace

Expected<ChildStory> run_child(const ChildOrder& order) {
  auto process = ChildProcess::start({.program = order.program, .arguments = order.arguments});
  if (!process) return process.error();
  return Child(order, std::move(*process)).watch();
}

}  // namespace pecia::apps
