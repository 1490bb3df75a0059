#include "apps/pecia/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kLookMs = 5;  // between two looks at the clock and at the child
constexpr std::size_t kErrBytesMax = 64 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kPiecesPerLookMax = 64;  // far more than a pipe holds
constexpr int kCannotStart = 127;      // as shells say it

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

Error cannot(const char* what) {
  return fail(ErrorKind::elsewhere, "cannot {} a child process: {}", what, std::strerror(errno));
}

struct Pipe {
  Descriptor read, write;
};

// Our end never waits: where the child has left descendants, its pipes stay open behind it.
Expected<Pipe> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("open a pipe to");
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return cannot("open a pipe to");
  return pipe;
}

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const char* program, char* const* arguments, int in, int out, int err,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);  // died before it could be said
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execv(program, arguments);
  ::_exit(kCannotStart);
}

// A child from its start to its end; it does not outlive the object.
class Child {
 public:
  explicit Child(const ChildOrder& order) : order_(order) {}
  ~Child() {
    if (pid_ > 0) end(SIGKILL);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Status start();
  ChildStory watch();

 private:
  void end(int signal) {
    ::kill(pid_, signal);
    reap(0);
  }
  bool reap(int flags);  // true once it is gone
  std::optional<ChildEnd> verdict() const;
  void take(Descriptor& stream, std::string& text, std::size_t bytes_max);
  void take_all() {
    take(out_, story_.out, order_.out_bytes_max + 1);
    take(err_, story_.err, kErrBytesMax);
    if (!story_.beyond_s && story_.out.size() > order_.known_bytes) {
      story_.beyond_s = watch_.seconds();
    }
  }

  const ChildOrder& order_;
  Descriptor out_, err_;
  pid_t pid_ = -1;  // -1 again once it is reaped
  int status_ = 0;
  Stopwatch watch_;
  ChildStory story_;
};

Status Child::start() {
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.number() < 0) return cannot("open /dev/null for");
  auto out = open_pipe(), err = open_pipe();
  if (!out) return out.error();
  if (!err) return err.error();
  std::vector<std::string> words = {order_.program};
  words.insert(words.end(), order_.arguments.begin(), order_.arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  watch_ = Stopwatch();
  pid_ = ::fork();
  if (pid_ < 0) return cannot("start");
  if (pid_ == 0) {
    become(order_.program.c_str(), argv.data(), nothing.number(), out->write.number(),
           err->write.number(), parent);
  }
  out_ = std::move(out->read);
  err_ = std::move(err->read);
  return {};
}

bool Child::reap(int flags) {
  pid_t gone = 0;
  do {
    gone = ::waitpid(pid_, &status_, flags);
  } while (gone < 0 && errno == EINTR);
  if (gone == 0) return false;
  pid_ = -1;
  return true;
}

// Takes what is there; beyond `bytes_max` it is dropped, so that nobody waits for room.
void Child::take(Descriptor& stream, std::string& text, std::size_t bytes_max) {
  std::array<char, kPieceBytes> piece{};
  for (int pieces = 0; stream.number() >= 0 && pieces < kPiecesPerLookMax; ++pieces) {
    const ssize_t count = ::read(stream.number(), piece.data(), piece.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return stream.close();
    const std::size_t room = bytes_max - std::min(bytes_max, text.size());
    text.append(piece.data(), std::min(room, static_cast<std::size_t>(count)));
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
  while (!reap(WNOHANG)) {
    if (const auto due = verdict()) {
      story_.end = *due;
      end(SIGKILL);
      // It was quicker than the signal: what it did itself is what counts.
      if (!WIFSIGNALED(status_)) story_.end = ChildEnd::exited;
      break;
    }
    std::array<struct pollfd, 2> streams = {
        {{out_.number(), POLLIN, 0}, {err_.number(), POLLIN, 0}}};
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
  Child child(order);
  if (const Status started = child.start(); !started) return started.error();
  return child.watch();
}

}  // namespace pecia::apps
