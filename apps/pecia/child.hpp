#pragma once
// A program run under watch: what it prints is taken as it comes, it is killed when its moment or
// its limit has come, and it is gone when the call returns. Ctrl-C ends the child, too, and it dies
// with this process, however that ends.
// Thread rule: from one thread, which lives as long as the child.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

struct ChildOrder {
  std::string program;                 // its path
  std::vector<std::string> arguments;  // without the program's own name
  std::optional<double> kill_s;        // SIGKILL after so many seconds of its life
  std::uint64_t limit_ms = 0;          // SIGKILL, for it should have ended long ago
  std::size_t out_bytes_max = 0;       // SIGKILL beyond them
  std::size_t known_bytes = 0;         // of stdout: the reader has them from an earlier run
};

enum class ChildEnd : std::uint8_t {
  exited,       // by itself: `code` tells how
  killed,       // by us, alive when its moment had come
  overdue,      // by us at its limit
  talkative,    // by us beyond `out_bytes_max`
  interrupted,  // by us, as the user wanted
};

struct ChildStory {
  ChildEnd end = ChildEnd::exited;
  int code = 0;                    // exit code, or 128 + the signal that ended it
  double seconds = 0;              // of its life
  std::optional<double> beyond_s;  // when it printed the first byte beyond the known ones
  std::string out;
  std::string err;  // its first bytes; more than enough for lines meant for people
};

// Standard input of the child is empty. A program that cannot be started exits with 127.
// Errors: elsewhere (no pipe, no child left).
kernels::Expected<ChildStory> run_child(const ChildOrder& order);

}  // namespace pecia::apps
