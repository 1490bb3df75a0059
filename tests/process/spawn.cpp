#include "tests/process/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace pecia::tests {

namespace {

constexpr int kTickMs = 5;
constexpr unsigned kNobody = 65'534;

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  std::array<int, 2> ends{};  // read, write
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Of two variables of one name a program reads the first.
bool sets(const std::vector<std::string>& variables, std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('=') + 1);
  return std::any_of(variables.begin(), variables.end(),
                     [name](const std::string& one) { return one.starts_with(name); });
}

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    // The program's own variables come from the test alone.
    const std::string_view variable = *entry;
    if (!variable.starts_with("PECIA_") && !sets(added, variable)) all.emplace_back(variable);
  }
  all.insert(all.end(), added.begin(), added.end());
  return all;
}

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(int program, char* const* arguments, char* const* environment, int out,
                         int err, const SpawnOptions& options) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit fails with EFBIG, as a full disk does
  if (options.file_bytes_max > 0) {
    struct rlimit limit = {};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = options.file_bytes_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (options.unprivileged && ::geteuid() == 0 &&
      (::setresgid(kNobody, kNobody, kNobody) != 0 ||
       ::setresuid(kNobody, kNobody, kNobody) != 0)) {
    ::_exit(126);
  }
  ::fexecve(program, arguments, environment);  // its folder may be closed to nobody
  ::_exit(127);
}

// Appends what is there; false at the end of the stream.
bool drain(int descriptor, std::string& text) {
  std::array<char, 65'536> piece{};
  const ssize_t count = ::read(descriptor, piece.data(), piece.size());
  if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
  return count > 0;
}

void collect(int out, int err, int pid, const SpawnOptions& options, Ended& ended) {
  std::array<struct pollfd, 2> streams = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&ended.out, &ended.err};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    ::poll(streams.data(), streams.size(), options.tick ? kTickMs : -1);
    if (options.tick) options.tick(pid);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      if (!drain(streams[i].fd, *texts[i])) streams[i].fd = -1;  // poll() skips it from now on
      if (i == 0 && options.watch) options.watch(pid, ended.out);
      if (i == 1 && options.watch_err) options.watch_err(pid, ended.err);
    }
  }
}

}  // namespace

void give_room(int pid) {
  struct rlimit limit = {};
  ::prlimit(pid, RLIMIT_FSIZE, nullptr, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr);
}

Ended run_pecia(const std::vector<std::string>& arguments, const SpawnOptions& options) {
  return run_program(PECIA_PROGRAM, arguments, options);
}

Ended run_program(const std::string& program, const std::vector<std::string>& arguments,
                  const SpawnOptions& options) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(options.environment);
  const std::vector<char*> argv = pointers(words), envp = pointers(variables);
  const Pipe out, err;
  const int executable = ::open(program.c_str(), O_RDONLY | O_CLOEXEC);
  if (executable < 0) throw std::runtime_error("no program " + program);

  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("no child process");
  if (pid == 0) {
    become(executable, argv.data(), envp.data(), out.ends[1], err.ends[1], options);
  }
  ::close(executable);
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  Ended ended;
  collect(out.ends[0], err.ends[0], pid, options, ended);
  ::close(out.ends[0]);
  ::close(err.ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ended.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended;
}

}  // namespace pecia::tests
