#pragma once
// Scripts in the place of nodes, and `up` over them in a process of its own.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/node_processes.hpp"
#include "apps/pecia/nodes_view.hpp"
#include "tests/catch.hpp"

namespace pecia::tests {

// Serves until it is asked to drain. $0 is its name.
inline constexpr const char* kLives =
    "trap 'echo drained; exit 0' TERM; echo \"pecia node $0: ready on 127.0.0.1:1\"; "
    "while :; do sleep 1000 & wait $!; done";
// Serves, and does not listen to SIGTERM.
inline constexpr const char* kDeaf =
    "trap '' TERM; echo \"pecia node $0: ready on 127.0.0.1:1\"; exec sleep 1000";

using Scripts = std::vector<std::pair<std::string, std::string>>;  // name, lines

inline apps::NodesOrder order_of(const Scripts& scripts) {
  apps::NodesOrder order;
  order.program = "/bin/sh";
  order.limits = {.intensity = 5, .period_ms = 600'000, .backoff_ms = 1, .backoff_ms_max = 1};
  order.drain_ms = 600'000;
  for (const auto& [name, lines] : scripts) {
    order.nodes.push_back({name, "worker", {"-c", lines, name}});
  }
  return order;
}

// `up` without its options, as a process whose streams are ours.
class UpProcess {
 public:
  explicit UpProcess(const apps::NodesOrder& order) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) become(order, ends);
    ::close(ends[1]);
    streams_ = ends[0];
  }
  ~UpProcess() {
    if (pid_ > 0) ::kill(pid_, SIGKILL), end();
    ::close(streams_);
  }
  UpProcess(const UpProcess&) = delete;
  UpProcess& operator=(const UpProcess&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& text() const { return text_; }
  void send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }

  // Reads on until `words` have come behind what was waited for before; gives the rest of their
  // line. Fails where they never come.
  std::string wait_for(std::string_view words) {
    while (true) {
      const std::size_t found = text_.find(words, seen_);
      const std::size_t line_end = found == text_.npos ? text_.npos : text_.find('\n', found);
      if (line_end != text_.npos) {
        seen_ = line_end;
        return text_.substr(found + words.size(), line_end - found - words.size());
      }
      INFO("waiting for '" << words << "' in:\n" << text_);
      REQUIRE(read_more());
    }
  }
  // Of words whose order is not known.
  void wait_for_all(const std::vector<std::string_view>& all) {
    for (const std::string_view words : all) seen_ = 0, wait_for(words);
  }
  pid_t pid_of(const std::string& node) {
    return std::stoi(wait_for("pecia up: " + node + ": started, process "));
  }
  bool has(std::string_view words) const { return text_.find(words) != text_.npos; }

  std::size_t count(std::string_view words) const {
    std::size_t times = 0;
    for (std::size_t at = 0; (at = text_.find(words, at)) != text_.npos; ++at) ++times;
    return times;
  }

  // All it had to say; how it ended, or -1 where it left a child behind or was killed.
  int end() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) != kLeftChild ? WEXITSTATUS(status) : -1;
  }

 private:
  static constexpr int kLeftChild = 99;

  [[noreturn]] static void become(const apps::NodesOrder& order, const std::array<int, 2>& ends) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that fails leaves nobody behind
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    for (const int end : ends) ::close(end);
    apps::outlive_readers();
    apps::NodesView view(true);
    const auto story = apps::run_nodes(order, view);
    // Nobody is left, not even a zombie.
    const bool is_alone = ::waitpid(-1, nullptr, WNOHANG) == -1;
    if (story && !story->why.empty()) view.happened("why: " + story->why);
    ::_exit(!is_alone ? kLeftChild : story ? static_cast<int>(story->end) : 98);
  }

  bool read_more() {
    std::array<char, 4096> piece{};
    const ssize_t count = ::read(streams_, piece.data(), piece.size());
    if (count > 0) text_.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  pid_t pid_ = -1;
  int streams_ = -1;
  std::string text_;
  std::size_t seen_ = 0;
};

inline int code_of(apps::NodesEnd end) { return static_cast<int>(end); }

}  // namespace pecia::tests
