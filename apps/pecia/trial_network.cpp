#include "apps/pecia/trial_network.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "apps/pecia/wire_core.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::string_view kDevice = "pecia0";
constexpr std::string_view kMask = "255.255.255.0";

// What says that this place cannot do it, rather than that it failed.
bool is_lacking(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOSYS:
    case EINVAL:
    case ENOSPC:  // user.max_net_namespaces, user.max_user_namespaces
    case EUSERS:
      return true;
    default:
      return false;
  }
}

// Of what the rights are there for, once a namespace was made: only a refusal is one.
Error failed_to(std::string_view what, int error) {
  const bool is_refused = error == EPERM || error == EACCES;
  return fail(is_refused ? ErrorKind::elsewhere : ErrorKind::retry, "cannot {}: {}", what,
              std::strerror(error));
}

Error cannot(std::string_view what, int error) {
  return fail(is_lacking(error) ? ErrorKind::elsewhere : ErrorKind::retry,
              "cannot {}: {}; run it as root, or where users may make user namespaces and open "
              "/dev/net/tun",
              what, std::strerror(error));
}

Status write_file(const char* path, std::string_view text) {
  const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  if (file.number() >= 0 && ::write(file.number(), text.data(), text.size()) >= 0) return {};
  return cannot(fmt::format("write {}", path), errno);
}

// The rights of root over namespaces made from here on, and over nothing else; our files stay ours.
Status become_own_root() {
  const auto user = ::geteuid();
  const auto group = ::getegid();
  if (::unshare(CLONE_NEWUSER) != 0) return cannot("make a user namespace", errno);
  // Root of the outer namespace may map groups without this, others must not be able to leave one.
  if (Status denied = write_file("/proc/self/setgroups", "deny"); !denied) return denied;
  if (Status mapped = write_file("/proc/self/uid_map", fmt::format("{0} {0} 1", user)); !mapped)
    return mapped;
  return write_file("/proc/self/gid_map", fmt::format("{0} {0} 1", group));
}

Status enter_new_network() {
  if (::unshare(CLONE_NEWNET) == 0) return {};
  return cannot("make a network namespace", errno);
}

ifreq request_for(std::string_view device) {
  ifreq request = {};
  std::copy(device.begin(), device.end(), request.ifr_name);
  return request;
}

sockaddr address_from(std::string_view text) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, std::string(text).c_str(), &address.sin_addr);
  sockaddr any = {};
  static_assert(sizeof any == sizeof address);
  std::memcpy(&any, &address, sizeof any);
  return any;
}

bool start_device(int socket, std::string_view device) {
  ifreq request = request_for(device);
  if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

bool set_up_device(int socket, const std::string& address) {
  ifreq request = request_for(kDevice);
  request.ifr_addr = address_from(address);
  if (::ioctl(socket, SIOCSIFADDR, &request) != 0) return false;
  request.ifr_netmask = address_from(kMask);
  if (::ioctl(socket, SIOCSIFNETMASK, &request) != 0) return false;
  request.ifr_mtu = kEndMtuBytes;
  if (::ioctl(socket, SIOCSIFMTU, &request) != 0) return false;
  return start_device(socket, kDevice);
}

// In the network where the thread is.
Expected<TrialEnd> make_end(std::size_t number) {
  TrialEnd end;
  end.tun = Descriptor(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (end.tun.number() < 0) return cannot("open /dev/net/tun", errno);
  ifreq request = request_for(kDevice);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI);
  if (::ioctl(end.tun.number(), TUNSETIFF, &request) != 0)
    return failed_to("make a TUN device", errno);
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return failed_to("open a socket", errno);
  const bool is_up =
      start_device(socket.number(), "lo") && set_up_device(socket.number(), address_of_end(number));
  if (!is_up) return failed_to("set up a TUN device", errno);
  end.network = Descriptor(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (end.network.number() < 0) return failed_to("open a network namespace", errno);
  return end;
}

}  // namespace

Expected<std::vector<TrialEnd>> make_trial_network(std::size_t count) {
  assert(count >= 1 && count <= kEndsMax);
  std::vector<TrialEnd> ends;
  for (std::size_t number = 0; number < count; ++number) {
    Status entered = enter_new_network();
    if (!entered && number == 0) {
      if (Status became = become_own_root(); !became) return became.error();
      entered = enter_new_network();
    }
    if (!entered) return entered.error();
    auto end = make_end(number);
    if (!end) return end.error();
    ends.push_back(std::move(*end));
  }
  return ends;
}

}  // namespace pecia::apps
