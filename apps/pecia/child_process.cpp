#include "apps/pecia/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

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

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Expected<ChildProcess> ChildProcess::start(const ChildCommand& command) {
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.number() < 0) return cannot("open /dev/null for");
  auto out = open_pipe(), err = open_pipe();
  if (!out) return out.error();
  if (!err) return err.error();
  const auto pid = spawn_program({.program = command.program,
                                  .arguments = command.arguments,
                                  .in = nothing.number(),
                                  .out = out->write.number(),
                                  .err = err->write.number(),
                                  .listed_as = command.listed_as,
                                  .has_own_group = command.has_own_group});
  if (!pid) return pid.error();
  return ChildProcess(*pid, command.has_own_group, std::move(out->read), std::move(err->read));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      has_own_group_(other.has_own_group_),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  kill();
  reap(true);
}

void ChildProcess::send(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

void ChildProcess::kill() const {
  if (pid_ > 0) ::kill(has_own_group_ ? -pid_ : pid_, SIGKILL);
}

std::optional<int> ChildProcess::reap(bool wait) {
  if (pid_ <= 0) return {};
  siginfo_t facts = {};
  int failed = 0;
  // Looked at and not yet reaped: so its number, and that of its group, is not given to another.
  do {
    failed =
        ::waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
  } while (failed != 0 && errno == EINTR);
  if (failed == 0 && facts.si_pid == 0) return {};
  if (has_own_group_) kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

std::string ChildProcess::read_some(Descriptor& pipe, std::size_t bytes_max) {
  std::string text(std::min(bytes_max, kPieceBytes), '\0');
  if (pipe.number() < 0 || text.empty()) return {};
  const ssize_t count = ::read(pipe.number(), text.data(), text.size());
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) pipe.close();
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace pecia::apps
