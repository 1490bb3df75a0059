#pragma once
// The door to TCP: addresses, listening, dialling, accepting, all non-blocking but resolve().
// Errors are of kind refuse where the config is wrong, retry where it may work later.
// Thread rule: any thread.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  bool is_loopback = false;
  std::string text;  // "127.0.0.1:4711"
};

// Blocks where `host` is a name and not a number: call it at the start only.
kernels::Expected<SocketAddress> resolve(const std::string& host, std::uint16_t port);

struct Listener {
  Fd fd;
  std::uint16_t port = 0;  // as the system chose it, where 0 was asked for
};
kernels::Expected<Listener> listen_on(const SocketAddress& address);

// Connecting goes on: writable when it has ended, error_of() says how.
kernels::Expected<Fd> start_dial(const SocketAddress& address, std::uint64_t user_timeout_ms);
int error_of(int fd);  // errno of a socket; 0: none

// An accepted connection; an empty Fd where none waits. `error`: errno of the failure, else 0.
struct Accepted {
  Fd fd;
  std::string from;
  int error = 0;
};
Accepted accept_from(int listener, std::uint64_t user_timeout_ms);

// Two ends of one stream inside this process, both non-blocking.
kernels::Expected<std::pair<Fd, Fd>> local_pair();

std::string text_of_errno(int error);

}  // namespace pecia::runtime
