#pragma once
// A node of a cluster as a child process: started, killed, stopped, and started again. What it says
// is appended to a log. It does not outlive the object.
// Thread rule: one thread, which lives as long as the process.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

struct NodeCommandLine {
  std::string program;
  std::string config;  // file
  std::string name;    // of the node in it
  std::string log;     // file
  int network = -1;    // as that of a Spawn
};

class NodeProcess {
 public:
  explicit NodeProcess(NodeCommandLine command) : command_(std::move(command)) {}
  ~NodeProcess() { kill(); }
  NodeProcess(NodeProcess&& other) noexcept
      : command_(std::move(other.command_)), pid_(std::exchange(other.pid_, -1)) {}
  NodeProcess& operator=(NodeProcess&&) = delete;

  kernels::Status start();  // REQUIRES none
  bool is_there() const { return pid_ > 0; }
  bool is_stopped() const { return stopped_; }
  // Its exit code, once, where it has ended by itself; then it is not there any more.
  std::optional<int> look();

  // Each tells whether it met the process alive.
  bool kill();  // and waits until it is gone
  bool stop();
  bool go_on();
  // SIGTERM. False where it is not gone after that time, and then it was killed.
  bool end(std::uint64_t within_ms);

  const std::string& name() const { return command_.name; }
  pid_t pid() const { return pid_; }
  std::string last_words() const;  // the last line of its log, for a person

 private:
  NodeCommandLine command_;
  pid_t pid_ = -1;  // -1: none
  bool stopped_ = false;
};

}  // namespace pecia::apps
