#include "tests/process/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace pecia::tests {

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kStepMs = 100;

}  // namespace

Terminal::Terminal(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {PECIA_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::forkpty(&master_, nullptr, nullptr, nullptr);
  if (pid_ < 0) throw std::runtime_error("no terminal");
  if (pid_ > 0) return;
  ::unsetenv("PECIA_MODELS");
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

Terminal::~Terminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(master_);
}

void Terminal::type(std::string_view keys) const {
  if (::write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
    throw std::runtime_error("the terminal takes no keys");
}

bool Terminal::read_on(int timeout_ms) {
  struct pollfd ready = {master_, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) <= 0) return true;
  std::array<char, 4'096> piece{};
  const ssize_t count = ::read(master_, piece.data(), piece.size());
  if (count <= 0) return false;  // EIO: the program has ended
  seen_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

bool Terminal::sees(std::string_view text) {
  for (int waited = 0; waited < kPatienceMs; waited += kStepMs) {
    const std::size_t found = seen_.find(text, waited_for_);
    if (found != seen_.npos) {
      waited_for_ = found + text.size();
      return true;
    }
    if (!read_on(kStepMs)) return false;
  }
  return false;
}

bool Terminal::sees_more(std::size_t bytes) {
  const std::size_t wanted = seen_.size() + bytes;
  for (int waited = 0; seen_.size() < wanted && waited < kPatienceMs; waited += kStepMs) {
    if (!read_on(kStepMs)) break;
  }
  return seen_.size() >= wanted;
}

bool Terminal::is_alive() const { return pid_ > 0 && ::kill(pid_, 0) == 0; }

int Terminal::wait() {
  while (read_on(kPatienceMs)) continue;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace pecia::tests
