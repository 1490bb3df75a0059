#pragma once
// A port of loopback that is taken.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "tests/catch.hpp"

namespace pecia::test {

// A listener of ours on a port that the system chooses.
class Listener {
 public:
  Listener() {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof at;
    auto* any = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(::bind(number_, any, bytes) == 0);
    REQUIRE(::listen(number_, 1) == 0);
    REQUIRE(::getsockname(number_, any, &bytes) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
};

}  // namespace pecia::test
