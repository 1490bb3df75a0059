#pragma once
// A child process that does not outlive this one, however that ends.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

inline constexpr int kCannotStart = 127;  // exit code, as shells say it

struct Spawn {
  std::string program;                 // its path
  std::vector<std::string> arguments;  // without the program's own name
  int in = -1, out = -1, err = -1;     // descriptors that become its 0, 1, 2
  std::string listed_as{};             // the program's own name; empty: its path
  bool keeps_descriptors = true;       // our others, as far as they are not closed on exec
  // In a process group of its own, which is there when the call returns: Ctrl-C of the terminal
  // does not reach it.
  bool has_own_group = false;
  int network = -1;  // descriptor of the network namespace where it lives; -1: in ours
};

// The child dies with the thread that calls this, which therefore lives as long. A program that
// cannot be started exits with kCannotStart. Errors: elsewhere (no child left).
kernels::Expected<pid_t> spawn_program(const Spawn& order);

// Waits for it, with flags as of waitpid(): its status, or nothing while it is there.
std::optional<int> reap_program(pid_t pid, int flags);
// Exit code, or 128 + the signal that ended it.
int code_of_status(int status);

}  // namespace pecia::apps
