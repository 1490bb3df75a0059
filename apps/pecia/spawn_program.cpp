#include "apps/pecia/spawn_program.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pecia::apps {

using namespace kernels;

namespace {

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const Spawn& order, char* const* arguments, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotStart);  // died before it could be said
  if (order.has_own_group) ::setpgid(0, 0);
  if (order.network >= 0 && ::setns(order.network, CLONE_NEWNET) != 0) ::_exit(kCannotStart);
  // What we block or ignore for our own sake is no matter of the child's.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(order.in, STDIN_FILENO);
  ::dup2(order.out, STDOUT_FILENO);
  ::dup2(order.err, STDERR_FILENO);
  if (!order.keeps_descriptors) ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execv(order.program.c_str(), arguments);
  ::_exit(kCannotStart);
}

}  // namespace

Expected<pid_t> spawn_program(const Spawn& order) {
  std::vector<std::string> words = {order.listed_as.empty() ? order.program : order.listed_as};
  words.insert(words.end(), order.arguments.begin(), order.arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorKind::elsewhere, "cannot start a child process: {}", std::strerror(errno));
  if (pid == 0) become(order, argv.data(), parent);
  if (order.has_own_group) ::setpgid(pid, pid);  // whoever is first
  return pid;
}

std::optional<int> reap_program(pid_t pid, int flags) {
  int status = 0;
  pid_t gone = 0;
  do {
    gone = ::waitpid(pid, &status, flags);
  } while (gone < 0 && errno == EINTR);
  if (gone == 0) return {};
  return status;
}

int code_of_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace pecia::apps
