#include "runtime/gate/sockets.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr int kBacklog = 128;
constexpr int kKeepIdleSeconds = 5;
constexpr int kKeepIntervalSeconds = 1;
constexpr int kKeepCount = 5;

template <class Address>
const Address& as(const sockaddr_storage& storage) {
  return *reinterpret_cast<const Address*>(&storage);
}

std::string text_of(const sockaddr_storage& storage) {
  char host[INET6_ADDRSTRLEN] = "?";
  if (storage.ss_family == AF_INET) {
    const auto& address = as<sockaddr_in>(storage);
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    return fmt::format("{}:{}", host, ntohs(address.sin_port));
  }
  const auto& address = as<sockaddr_in6>(storage);
  inet_ntop(AF_INET6, &address.sin6_addr, host, sizeof host);
  return fmt::format("[{}]:{}", host, ntohs(address.sin6_port));
}

bool is_loopback(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    return ntohl(as<sockaddr_in>(storage).sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  }
  return IN6_IS_ADDR_LOOPBACK(&as<sockaddr_in6>(storage).sin6_addr);
}

std::uint16_t port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &bytes);
  return ntohs(storage.ss_family == AF_INET ? as<sockaddr_in>(storage).sin_port
                                            : as<sockaddr_in6>(storage).sin6_port);
}

void set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// A peer whose machine is gone is noticed by the kernel too, should nobody else look.
void tune(int fd, std::uint64_t user_timeout_ms) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(user_timeout_ms));
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleSeconds);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepCount);
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

std::string text_of_errno(int error) { return std::generic_category().message(error); }

Expected<SocketAddress> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return fail(ErrorKind::refuse, "address '{}': {}", host, gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.bytes = found->ai_addrlen;
  address.is_loopback = is_loopback(address.storage);
  address.text = text_of(address.storage);
  return address;
}

Expected<Listener> listen_on(const SocketAddress& address) {
  Listener listener;
  listener.fd = Fd(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int fd = listener.fd.get();
  if (fd >= 0) set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (fd < 0 ||
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.bytes) != 0 ||
      ::listen(fd, kBacklog) != 0) {
    return fail(ErrorKind::retry, "cannot listen on {}: {}", address.text, text_of_errno(errno));
  }
  listener.port = port_of(fd);
  return listener;
}

Expected<Fd> start_dial(const SocketAddress& address, std::uint64_t user_timeout_ms) {
  Fd fd(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (fd) tune(fd.get(), user_timeout_ms);
  if (!fd || (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                        address.bytes) != 0 &&
              errno != EINPROGRESS)) {
    return fail(ErrorKind::retry, "{}", text_of_errno(errno));
  }
  return fd;
}

int error_of(int fd) {
  int error = 0;
  socklen_t bytes = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 ? error : errno;
}

Accepted accept_from(int listener, std::uint64_t user_timeout_ms) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof storage;
  const int fd = ::accept4(listener, reinterpret_cast<sockaddr*>(&storage), &bytes,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    const bool is_none = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
    return {Fd(), "", is_none ? 0 : errno};
  }
  tune(fd, user_timeout_ms);
  return {Fd(fd), text_of(storage), 0};
}

Expected<std::pair<Fd, Fd>> local_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(ErrorKind::retry, "no socket pair: {}", text_of_errno(errno));
  }
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

}  // namespace pecia::runtime
