#pragma once
// Runs the built program and waits for it: what it said, and how it ended.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pecia::tests {

struct Ended {
  int code = -1;  // exit code, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

struct SpawnOptions {
  std::vector<std::string> environment = {};  // "NAME=value", added to ours
  // RLIMIT_FSIZE: a disk that is full there; 0: none. give_room() takes it away.
  std::uint64_t file_bytes_max = 0;
  bool unprivileged = false;  // root's rights are given up; else they are not there
  // Called whenever stdout grew, with all of it so far; may send signals to `pid`.
  std::function<void(int pid, const std::string& out)> watch = {};
  // The same of stderr.
  std::function<void(int pid, const std::string& err)> watch_err = {};
  // Called every few milliseconds: for what shows elsewhere than on stdout.
  std::function<void(int pid)> tick = {};
};

// `pecia` with these arguments.
Ended run_pecia(const std::vector<std::string>& arguments, const SpawnOptions& options = {});
// Any program by its path.
Ended run_program(const std::string& program, const std::vector<std::string>& arguments,
                  const SpawnOptions& options = {});

void give_room(int pid);

}  // namespace pecia::tests
