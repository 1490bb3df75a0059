// What the gate costs, over loopback, both ends on this machine.
//
//   gate_bench relay                                 actors through two gates / directly over TCP
//   gate_bench bulk [--bytes N] [--piece N]          bulk between two gates / a raw socket, and a
//                                                    ping beside it on the control half
//
// Each figure is the median of paired runs. Of bulk the raw socket reads into one piece of memory
// over and over; a gate hands every transfer out in memory of its own, so malloc is told to keep
// what is freed, or a third of the time goes into fresh pages (--fresh-pages shows it).

#include <fcntl.h>
#include <malloc.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>
#include <future>
#include <numeric>
#include <thread>

#include "actors/clock_and_chance.hpp"
#include "runtime/gate/gate.hpp"
#include "runtime/gate/sockets.hpp"
#include "runtime/wire/frame.hpp"
#include "tests/bench/bench_support.hpp"

namespace pecia::bench {
namespace {

using namespace runtime;

[[noreturn]] void die(const std::string& why) {
  fmt::print(stderr, "gate_bench: {}\n", why);
  std::exit(2);
}

GateOptions options_of(const char* name) {
  GateOptions options;
  options.self.name = name;
  options.self.boot = actors::random_boot();
  options.listen_host = "127.0.0.1";
  options.now_us = actors::steady_us;
  options.chance = actors::random_boot;
  return options;
}
GateOptions options_of_b() {
  GateOptions options = options_of("b");
  options.peers = {{"a", "", 0}};
  return options;
}
GateOptions options_of_a(std::uint16_t port) {
  GateOptions options = options_of("a");
  options.peers = {{"b", "127.0.0.1", port}};
  return options;
}

std::unique_ptr<Gate> start(GateOptions options, GateEvents events) {
  auto gate = Gate::start(std::move(options), std::move(events));
  if (!gate) die(gate.error().message);
  return std::move(*gate);
}

// -- relay ---------------------------------------------------------------------------------------

struct SystemConfig : caf::actor_system_config {
  SystemConfig() {
    load<caf::io::middleman>();
    add_message_type<Frame>("Frame");
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2);
    set("middleman.workers", 0);
  }
};

caf::behavior echo(caf::event_based_actor*) {
  return {[](const Frame& frame) { return frame; },
          [](std::uint64_t bytes, const Frame&) { return bytes; }};
}

caf::io::scribe_ptr scribe_of(caf::actor_system& system, int fd) {
  caf::io::network::nonblocking(fd, true);
  return system.middleman().backend().new_scribe(fd);
}
caf::actor broker_of(caf::actor_system& system) {
  return system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
}

// Two actor systems, and the way from one to an actor of the other.
class Rig {
 public:
  explicit Rig(bool through_gates) {
    echo_ = server_.spawn(echo);
    if (through_gates) {
      through();
    } else {
      directly();
    }
  }
  ~Rig() { caf::anon_send_exit(echo_, caf::exit_reason::kill); }

  double round_trip_us(int rounds) {
    caf::scoped_actor self{client_};
    const Frame frame{std::vector<std::byte>(64)};
    const double seconds = kernels::bench::seconds_of([&] {
      for (int i = 0; i < rounds; ++i) {
        self->request(there_, std::chrono::seconds(10), frame)
            .receive([](const Frame&) {}, [](const caf::error&) { die("no answer"); });
      }
    });
    return seconds / rounds * 1e6;
  }

  // Frames of 64 KiB, each acknowledged, 16 under way.
  double megabytes_per_second(int frames) {
    constexpr int kUnderWay = 16;
    caf::scoped_actor self{client_};
    const Frame frame{std::vector<std::byte>(64 * 1024)};
    const auto send = [&] { self->send(there_, std::uint64_t{frame.bytes().size()}, frame); };
    const double seconds = kernels::bench::seconds_of([&] {
      for (int i = 0; i < kUnderWay; ++i) send();
      for (int i = 0; i < frames; ++i) {
        self->receive([](std::uint64_t) {});
        if (i + kUnderWay < frames) send();
      }
    });
    return static_cast<double>(frames) * static_cast<double>(frame.bytes().size()) / seconds / 1e6;
  }

 private:
  void directly() {
    const auto port = server_.middleman().publish(echo_, 0, "127.0.0.1");
    if (!port) die("no port");
    auto there = client_.middleman().remote_actor("127.0.0.1", *port);
    if (!there) die("no remote actor");
    there_ = std::move(*there);
  }

  void through() {
    GateEvents of_b;
    of_b.up = [this](const GatePeer&, int fd, bool) {
      caf::anon_send(broker_of(server_), caf::publish_atom::value, scribe_of(server_, fd),
                     std::uint16_t{1}, caf::actor_cast<caf::strong_actor_ptr>(echo_),
                     std::set<std::string>{});
    };
    std::promise<int> up;
    GateEvents of_a;
    of_a.up = [&up](const GatePeer&, int fd, bool) { up.set_value(fd); };
    b_ = start(options_of_b(), std::move(of_b));
    a_ = start(options_of_a(b_->port()), std::move(of_a));
    caf::scoped_actor self{client_};
    self->request(broker_of(client_), std::chrono::seconds(5), caf::connect_atom::value,
                  scribe_of(client_, up.get_future().get()), std::uint16_t{1})
        .receive([this](caf::node_id&, caf::strong_actor_ptr& there,
                        std::set<std::string>&) { there_ = caf::actor_cast<caf::actor>(there); },
                 [](const caf::error&) { die("no handshake of actors"); });
  }

  SystemConfig server_config_, client_config_;
  caf::actor_system server_{server_config_}, client_{client_config_};
  caf::actor echo_, there_;
  std::unique_ptr<Gate> a_, b_;
};

void measure_relay() {
  std::vector<double> times[2], rates[2];
  for (int run = 0; run <= kernels::bench::kRuns; ++run) {
    for (const bool gates : {false, true}) {
      Rig rig(gates);
      rig.round_trip_us(200);
      const double time = rig.round_trip_us(2'000);
      const double rate = rig.megabytes_per_second(8'000);
      if (run == 0) continue;  // warms up
      times[gates].push_back(time);
      rates[gates].push_back(rate);
    }
  }
  using kernels::bench::median;
  fmt::print("64 B round trip: directly {:.0f} us, through gates {:.0f} us\n", median(times[0]),
             median(times[1]));
  fmt::print("64 KiB frames:   directly {:.0f} MB/s, through gates {:.0f} MB/s, {:.0f}%\n",
             median(rates[0]), median(rates[1]), 100 * median(rates[1]) / median(rates[0]));
}

// -- bulk ----------------------------------------------------------------------------------------

struct BulkFlags {
  std::uint64_t bytes = std::uint64_t{2} << 30;
  std::uint64_t transfer = 4 << 20;
  std::uint32_t piece = 256 * 1024;
  bool fresh_pages = false;
};

void write_all(int fd, const void* bytes, std::size_t count) {
  const auto* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t done = ::write(fd, from, count);
    if (done < 0 && errno == EAGAIN) continue;
    if (done <= 0) return;
    from += done;
    count -= static_cast<std::size_t>(done);
  }
}
bool read_all(int fd, void* bytes, std::size_t count) {
  auto* to = static_cast<char*>(bytes);
  while (count > 0) {
    const ssize_t done = ::read(fd, to, count);
    if (done < 0 && errno == EAGAIN) continue;
    if (done <= 0) return false;
    to += done;
    count -= static_cast<std::size_t>(done);
  }
  return true;
}

// A child process that does `work` with one end of a pair of sockets; the parent has the other.
template <class Work>
std::pair<pid_t, int> in_child(const Work& work) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) die("no socket pair");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  return {child, ends[0]};
}

// The receiver reads into one buffer of a piece, as a plain program would.
double raw_megabytes_per_second(const BulkFlags& flags) {
  const auto [child, line] = in_child([&](int parent) {
    auto listener = listen_on(*resolve("127.0.0.1", 0));
    write_all(parent, &listener->port, sizeof listener->port);
    Fd fd;
    while (!fd) fd = accept_from(listener->fd.get(), 5'000).fd;
    std::vector<char> piece(flags.piece);
    ::fcntl(fd.get(), F_SETFL, 0);
    for (std::uint64_t left = flags.bytes; left > 0; left -= flags.piece) {
      if (!read_all(fd.get(), piece.data(), piece.size())) ::_exit(1);
    }
    write_all(parent, "!", 1);
  });
  std::uint16_t port = 0;
  char done = 0;
  read_all(line, &port, sizeof port);
  Fd fd = *start_dial(*resolve("127.0.0.1", port), 5'000);
  ::fcntl(fd.get(), F_SETFL, 0);
  const std::vector<char> piece(flags.piece, 'x');
  const double seconds = kernels::bench::seconds_of([&, line = line] {
    for (std::uint64_t left = flags.bytes; left > 0; left -= flags.piece) {
      write_all(fd.get(), piece.data(), piece.size());
    }
    read_all(line, &done, 1);
  });
  ::close(line);
  ::waitpid(child, nullptr, 0);
  return static_cast<double>(flags.bytes) / seconds / 1e6;
}

// A frame of actors that a filter lets pass: 32 bytes of header, a handshake of them if need be.
std::vector<std::byte> heartbeat() {
  std::vector<std::byte> frame(32);
  frame[0] = std::byte{6};
  return frame;
}
std::vector<std::byte> greeting(std::uint8_t operation) {
  constexpr std::uint8_t kAtom[] = {0x00, 0x00, 0x3e, 0x9a, 0xab, 0x9b, 0xac, 0x79};
  std::vector<std::byte> frame(64);
  frame[0] = std::byte{operation};
  frame[7] = std::byte{32};
  frame[15] = std::byte(operation == 0 ? 3 : 0);
  std::copy_n(reinterpret_cast<const std::byte*>(kAtom), 8, frame.begin() + 32);
  return frame;
}

// In the child: takes transfers until all bytes are there, and answers every ping at once.
void receive_bulk(const BulkFlags& flags, int parent) {
  std::promise<int> up;
  std::uint64_t received = 0;
  GateEvents events;
  events.up = [&](const GatePeer&, int fd, bool) { up.set_value(fd); };
  events.received = [&](const GatePeer&, const BulkReceived& transfer) {
    received += transfer.bytes.size();
    if (received < flags.bytes) return;
    received = 0;
    write_all(parent, "!", 1);
  };
  const auto gate = start(options_of_b(), std::move(events));
  const std::uint16_t port = gate->port();
  write_all(parent, &port, sizeof port);
  const int fd = up.get_future().get();
  ::fcntl(fd, F_SETFL, 0);
  const auto hello = greeting(0);
  write_all(fd, hello.data(), hello.size());
  std::vector<std::byte> frame(64);
  read_all(fd, frame.data(), 64);
  while (read_all(fd, frame.data(), 32)) write_all(fd, frame.data(), 32);
}

struct BulkFigures {
  double megabytes_per_second = 0;
  std::vector<double> pings_us;
  BulkStats stats;
};

void ping_until(const std::atomic<bool>& is_over, int fd, std::vector<double>& times_us) {
  auto frame = heartbeat();
  while (!is_over) {
    const std::uint64_t start = actors::steady_us();
    write_all(fd, frame.data(), frame.size());
    if (!read_all(fd, frame.data(), frame.size())) return;
    times_us.push_back(static_cast<double>(actors::steady_us() - start));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

BulkFigures bulk_figures(const BulkFlags& flags) {
  const auto [child, line] = in_child([&](int parent) { receive_bulk(flags, parent); });
  std::uint16_t port = 0;
  char done = 0;
  read_all(line, &port, sizeof port);
  std::promise<int> up;
  GateEvents events;
  events.up = [&](const GatePeer&, int fd, bool) { up.set_value(fd); };
  GateOptions options = options_of_a(port);
  options.limits.bulk.piece_bytes_max = flags.piece;
  const auto gate = start(std::move(options), std::move(events));
  const int fd = up.get_future().get();
  ::fcntl(fd, F_SETFL, 0);
  const auto hello = greeting(1);
  write_all(fd, hello.data(), hello.size());
  std::vector<std::byte> answer(64);
  read_all(fd, answer.data(), answer.size());

  BulkFigures figures;
  std::atomic<bool> is_over{false};
  std::thread pings([&] { ping_until(is_over, fd, figures.pings_us); });
  const auto bytes = std::make_shared<std::vector<std::byte>>(flags.transfer, std::byte{'x'});
  const double seconds = kernels::bench::seconds_of([&, line = line] {
    for (std::uint64_t id = 0; id < flags.bytes / flags.transfer;) {
      if (gate->send("b", 1, {id, 0, 0, bytes})) {
        ++id;
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(500));  // the queue is full
      }
    }
    read_all(line, &done, 1);
  });
  is_over = true;
  pings.join();
  figures.stats = gate->bulk_stats("b").value_or(BulkStats{});
  figures.megabytes_per_second = static_cast<double>(flags.bytes) / seconds / 1e6;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(line);
  ::close(fd);
  return figures;
}

void measure_bulk(BulkFlags flags) {
  constexpr int kKeptBytes = 1 << 30;
  constexpr int kMappedBytes = 32 << 20;  // the most that malloc takes
  if (!flags.fresh_pages) {
    ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
    ::mallopt(M_MMAP_THRESHOLD, kMappedBytes);
  }
  flags.bytes -= flags.bytes % flags.transfer;
  std::vector<double> raw, bulk, ratios, pings;
  BulkStats stats;
  for (int run = 0; run <= kernels::bench::kRuns; ++run) {
    const double plain = raw_megabytes_per_second(flags);
    const BulkFigures figures = bulk_figures(flags);
    if (run == 0) continue;  // warms up
    raw.push_back(plain);
    bulk.push_back(figures.megabytes_per_second);
    ratios.push_back(figures.megabytes_per_second / plain);
    pings.insert(pings.end(), figures.pings_us.begin(), figures.pings_us.end());
    stats = figures.stats;
  }
  using kernels::bench::median;
  std::sort(pings.begin(), pings.end());
  fmt::print("bulk {:.0f} MB/s, raw socket {:.0f} MB/s with pieces of {} KiB: {:.0f}%\n",
             median(bulk), median(raw), flags.piece / 1024, 100 * median(ratios));
  fmt::print("window {} KiB, piece {} KiB, measured {} MB/s, round trip {} us\n",
             stats.window_bytes / 1024, stats.piece_bytes / 1024,
             stats.bytes_per_second / 1'000'000, stats.round_trip_us);
  fmt::print("control ping meanwhile: p50 {:.0f} us, p99 {:.0f} us, longest {:.0f} us of {}\n",
             pings[pings.size() / 2], pings[pings.size() * 99 / 100], pings.back(), pings.size());
}

}  // namespace
}  // namespace pecia::bench

int main(int argc, char** argv) {
  using namespace pecia;
  CLI::App app("what the gate costs");
  app.require_subcommand(1);
  const CLI::App* relay = app.add_subcommand("relay", "actors through two gates and directly");
  bench::BulkFlags flags;
  CLI::App* bulk = app.add_subcommand("bulk", "bulk between two gates against a raw socket");
  bulk->add_option("--bytes", flags.bytes, "of a run")->check(CLI::Range(1ULL << 24, 1ULL << 40));
  bulk->add_option("--transfer", flags.transfer, "bytes of a transfer")
      ->check(CLI::Range(1ULL << 10, 1ULL << 26));
  bulk->add_option("--piece", flags.piece, "bytes of a piece at most")
      ->check(CLI::Range(16U * 1024, 256U * 1024));
  bulk->add_flag("--fresh-pages", flags.fresh_pages, "let malloc give freed memory back");
  CLI11_PARSE(app, argc, argv);
  if (*relay) {
    bench::measure_relay();
  } else {
    bench::measure_bulk(flags);
  }
}
