#pragma once
// Gates in one process over loopback, with what they tell written down, and sockets that speak to
// them byte by byte. Waiting ends when something is told; a minute is only where a test hangs.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/clock_and_chance.hpp"
#include "runtime/gate/gate.hpp"
#include "runtime/gate/sockets.hpp"
#include "tests/catch.hpp"

namespace pecia::runtime::test {

inline GateBytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return GateBytes(bytes.begin(), bytes.end());
}

inline GateOptions options_of(NodeName name) {
  GateOptions options;
  options.self.name = std::move(name);
  options.self.boot = actors::random_boot();
  options.self.schema = 1;
  options.self.fingerprint = Id{7};
  options.self.capabilities = bytes_of("roles of " + options.self.name);
  options.listen_host = "127.0.0.1";
  options.now_us = actors::steady_us;
  options.chance = actors::random_boot;
  return options;
}

struct Told {
  enum class Kind : std::uint8_t { up, down, received } kind = Kind::up;
  GatePeer peer;
  std::shared_ptr<Fd> actors;  // of an up
  bool is_dialler = false;
  std::string why;        // of a down
  BulkReceived transfer;  // of a received
};

class TestGate {
 public:
  explicit TestGate(GateOptions options) {
    GateEvents events;
    events.up = [this](const GatePeer& peer, int fd, bool is_dialler) {
      const auto end = std::make_shared<Fd>(fd);
      {
        const std::lock_guard lock(mutex_);
        ends_.push_back(end);
      }
      tell({Told::Kind::up, peer, end, is_dialler, {}, {}});
    };
    events.down = [this](const GatePeer& peer, const std::string& why) {
      tell({Told::Kind::down, peer, nullptr, false, why, {}});
    };
    events.received = [this](const GatePeer& peer, BulkReceived transfer) {
      tell({Told::Kind::received, peer, nullptr, false, {}, std::move(transfer)});
    };
    events.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
      changed_.notify_all();
    };
    auto started = Gate::start(std::move(options), std::move(events));
    if (!started) FAIL(started.error().message);
    gate_ = std::move(*started);
  }

  Gate& operator*() { return *gate_; }
  Gate* operator->() { return gate_.get(); }
  void end() { gate_.reset(); }

  // The next thing it tells.
  Told next() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::minutes(1), [this] { return !told_.empty(); }));
    Told first = std::move(told_.front());
    told_.pop_front();
    return first;
  }
  Told next(Told::Kind kind) {
    Told told = next();
    INFO("it was told: " << told.why);
    REQUIRE(told.kind == kind);
    return told;
  }
  bool is_quiet() {
    const std::lock_guard lock(mutex_);
    return told_.empty();
  }
  // A line of its log that holds these words.
  std::string line_with(std::string_view words) {
    std::unique_lock lock(mutex_);
    std::string found;
    REQUIRE(changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      for (const std::string& line : lines_) {
        if (line.find(words) != std::string::npos) found = line;
      }
      return !found.empty();
    }));
    return found;
  }
  std::size_t lines() {
    const std::lock_guard lock(mutex_);
    return lines_.size();
  }
  // The gate publishes its counts after every event; its ticks tell that one more has passed.
  template <class Condition>
  GateStats stats_when(const Condition& condition) {
    for (;;) {
      const GateStats stats = gate_->stats();
      if (condition(stats)) return stats;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    }
  }

 private:
  void tell(Told told) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(told));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Told> told_;
  std::vector<std::string> lines_;
  std::vector<std::shared_ptr<Fd>> ends_;  // of actors: links stand as long as they do
  std::unique_ptr<Gate> gate_;
};

// "a" dials "b"; "b" starts first, so that its port is known.
inline GateOptions options_of_b() {
  GateOptions options = options_of("b");
  options.peers = {{"a", "", 0}};
  return options;
}
inline GateOptions options_of_a(std::uint16_t port_of_b) {
  GateOptions options = options_of("a");
  options.peers = {{"b", "127.0.0.1", port_of_b}};
  return options;
}

// A socket in the hands of a stranger. Blocking.
class Stranger {
 public:
  explicit Stranger(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    timeval limit{60, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  // The gate may have closed already; then nothing of it arrives.
  void send(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  // Up to `count` bytes; fewer where the connection ends.
  GateBytes read(std::size_t count) const {
    GateBytes bytes(count);
    std::size_t done = 0;
    while (done < count) {
      const ssize_t more = ::recv(fd_.get(), bytes.data() + done, count - done, 0);
      if (more < 0) REQUIRE(errno == ECONNRESET);
      if (more <= 0) break;
      done += static_cast<std::size_t>(more);
    }
    bytes.resize(done);
    return bytes;
  }
  GateBytes read_to_end() const { return read(1024 * 1024); }
  void close() { fd_ = Fd(); }
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

// Drives one side of a handshake over the stranger's socket; true where it was admitted.
inline bool shake_hands(const Stranger& stranger, HandshakeCore& core) {
  stranger.send(core.take_output());
  while (core.wanted() > 0) {
    const GateBytes bytes = stranger.read(core.wanted());
    if (bytes.empty()) return false;
    core.take(bytes);
    stranger.send(core.take_output());
  }
  return std::holds_alternative<Admitted>(core.outcome());
}

}  // namespace pecia::runtime::test
