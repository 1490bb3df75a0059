#pragma once
// A process of ours with pipes on its stdout and stderr and an empty stdin. It does not outlive the
// object, nor the thread that started it, however that ends.
// Thread rule: from one thread, which lives as long as the process; the kernel ends the child with
// the thread that forked it, so in a program with threads that is the main one.

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/pecia/spawn_program.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }  // -1: closed
  void close();

 private:
  int number_;
};

struct ChildCommand {
  std::string program;                 // its path
  std::vector<std::string> arguments;  // without the program's own name
  std::string listed_as = {};          // the program's own name; empty: its path
  // In a process group of its own: Ctrl-C of the terminal does not reach it, and what it left
  // running is killed with it.
  bool has_own_group = false;
};

class ChildProcess {
 public:
  // Errors: elsewhere (no pipe, no process left).
  static kernels::Expected<ChildProcess> start(const ChildCommand& command);
  ~ChildProcess();  // SIGKILL, and reaped
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  pid_t pid() const { return pid_; }  // -1 once it is reaped
  bool is_alive() const { return pid_ > 0; }
  void send(int signal) const;  // to it alone; does nothing once it is reaped
  void kill() const;            // SIGKILL, to its group if it has one
  // The wait status, once it has ended; nobody of its group is left then. Waits, or only looks.
  std::optional<int> reap(bool wait);

  // What has come on a pipe, at most `bytes_max` of it and without waiting; "" where nothing has.
  // A pipe whose other ends are all closed is closed.
  static std::string read_some(Descriptor& pipe, std::size_t bytes_max);
  Descriptor& out() { return out_; }
  Descriptor& err() { return err_; }

 private:
  ChildProcess(pid_t pid, bool has_own_group, Descriptor out, Descriptor err)
      : pid_(pid), has_own_group_(has_own_group), out_(std::move(out)), err_(std::move(err)) {}

  pid_t pid_;
  bool has_own_group_;
  Descriptor out_, err_;
};

}  // namespace pecia::apps
