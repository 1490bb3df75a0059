#include "apps/pecia/node_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "apps/pecia/output.hpp"
#include "apps/pecia/spawn_program.hpp"
#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::chrono::milliseconds kLookAgain(5);
constexpr std::size_t kQuotedBytesMax = 400;

}  // namespace

Status NodeProcess::start() {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open(command_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int failed = errno;
  Expected<pid_t> pid =
      fail(ErrorKind::elsewhere, "{}: cannot write a log: {}", command_.log, std::strerror(failed));
  if (nothing >= 0 && log >= 0) {
    pid = spawn_program({.program = command_.program,
                         .arguments = {"node", "--config", command_.config, "--name", name()},
                         .in = nothing,
                         .out = log,
                         .err = log,
                         .keeps_descriptors = false,
                         .network = command_.network});
  }
  if (nothing >= 0) ::close(nothing);
  if (log >= 0) ::close(log);
  if (!pid) return pid.error();
  pid_ = *pid;
  stopped_ = false;
  return {};
}

std::optional<int> NodeProcess::look() {
  if (!is_there()) return {};
  const auto status = reap_program(pid_, WNOHANG);
  if (!status) return {};
  pid_ = -1;
  return code_of_status(*status);
}

bool NodeProcess::kill() {
  if (!is_there()) return false;
  ::kill(pid_, SIGKILL);
  const auto status = reap_program(pid_, 0);
  pid_ = -1;
  stopped_ = false;
  return status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL;
}

bool NodeProcess::stop() {
  if (!is_there() || stopped_) return false;
  stopped_ = ::kill(pid_, SIGSTOP) == 0;
  return stopped_;
}

bool NodeProcess::go_on() {
  if (!is_there() || !stopped_) return false;
  stopped_ = false;
  return ::kill(pid_, SIGCONT) == 0;
}

bool NodeProcess::end(std::uint64_t within_ms) {
  go_on();
  if (!is_there()) return true;
  ::kill(pid_, SIGTERM);
  const Stopwatch watch;
  while (watch.seconds() * 1e3 < static_cast<double>(within_ms)) {
    if (look()) return true;
    std::this_thread::sleep_for(kLookAgain);
  }
  kill();
  return false;
}

std::string NodeProcess::last_words() const {
  std::ifstream log(command_.log, std::ios::binary);
  std::string last;
  for (std::string line; std::getline(log, line);) {
    if (!line.empty()) last = std::move(line);
  }
  return printable(last, kQuotedBytesMax);
}

}  // namespace pecia::apps
