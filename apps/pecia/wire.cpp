#include "apps/pecia/wire.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "actors/clock_and_chance.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::size_t kPacketBytesMax = 2'048;  // more than the devices' MTU
constexpr int kPacketsPerTurn = 64;             // of one end, before the others have theirs
constexpr std::uint64_t kWaitUsMax = 1'000'000;

// A device that is full or down loses what it is given, as a real one does.
void give(const Descriptor& tun, std::span<const std::byte> packet) {
  while (::write(tun.number(), packet.data(), packet.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace

Expected<std::unique_ptr<Wire>> Wire::start(const std::vector<TrialEnd>& ends, std::uint64_t seed) {
  Descriptor bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (bell.number() < 0)
    return fail(ErrorKind::elsewhere, "cannot make a wire: {}", std::strerror(errno));
  return std::unique_ptr<Wire>(new Wire(ends, std::move(bell), seed));
}

Wire::Wire(const std::vector<TrialEnd>& ends, Descriptor bell, std::uint64_t seed)
    : ends_(ends), bell_(std::move(bell)), core_(ends.size(), seed) {
  thread_ = std::thread([this] { run(); });
}

Wire::~Wire() {
  ends_now_ = true;
  ring();
  thread_.join();
}

void Wire::ring() {
  const std::uint64_t once = 1;
  while (::write(bell_.number(), &once, sizeof once) < 0 && errno == EINTR) {
  }
}

void Wire::set_rule(std::size_t from, std::size_t to, const LinkRule& rule) {
  {
    const std::lock_guard lock(mutex_);
    core_.set_rule(from, to, rule);
  }
  ring();
}

std::uint64_t Wire::spoke_us(std::size_t from, std::size_t to) const {
  const std::lock_guard lock(mutex_);
  return core_.spoke_us(from, to);
}

WireCounts Wire::counts() const {
  const std::lock_guard lock(mutex_);
  return core_.counts();
}

void Wire::run() {
  while (!ends_now_) {
    wait();
    for (std::size_t end = 0; end < ends_.size(); ++end) carry(end);
    release();
  }
}

// Until something is to be carried, or due, or the bell rings.
void Wire::wait() {
  std::vector<pollfd> watched = {{bell_.number(), POLLIN, 0}};
  for (const TrialEnd& end : ends_) watched.push_back({end.tun.number(), POLLIN, 0});
  std::uint64_t wait_us = kWaitUsMax;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t now_us = actors::steady_us();
    if (const auto next_us = core_.next_us())
      wait_us = std::min(wait_us, *next_us - std::min(*next_us, now_us));
  }
  const timespec limit = {static_cast<time_t>(wait_us / 1'000'000),
                          static_cast<long>(wait_us % 1'000'000 * 1'000)};
  ::ppoll(watched.data(), watched.size(), &limit, nullptr);
  std::uint64_t rung = 0;
  if (::read(bell_.number(), &rung, sizeof rung) < 0) return;  // not rung
}

void Wire::carry(std::size_t from) {
  std::array<std::byte, kPacketBytesMax> bytes;
  for (int packets = 0; packets < kPacketsPerTurn; ++packets) {
    const ssize_t count = ::read(ends_[from].tun.number(), bytes.data(), bytes.size());
    if (count <= 0) return;
    const std::span packet(bytes.data(), static_cast<std::size_t>(count));
    std::optional<std::size_t> to;
    {
      const std::lock_guard lock(mutex_);
      to = core_.take(from, packet, actors::steady_us());
    }
    if (to) give(ends_[*to].tun, packet);
  }
}

void Wire::release() {
  std::vector<WireCore::Released> released;
  {
    const std::lock_guard lock(mutex_);
    released = core_.release(actors::steady_us());
  }
  for (const WireCore::Released& one : released) give(ends_[one.to].tun, one.packet);
}

}  // namespace pecia::apps
