#pragma once
// The gate's thread: epoll over all sockets, and what follows from each event. Decisions live in
// the cores; here are sockets, deadlines and ownership. Three files: gate_loop.cpp (the loop,
// commands, timers, ends), gate_admission.cpp (listen, dial, handshakes, pairing of halves),
// gate_relay.cpp (bytes of links that are up).
//
// Nothing is freed in the middle of an event: doom() marks, bury() frees, between events.
// Thread rule: run() on the gate's thread; what is marked so, on any.

#include <sys/epoll.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "runtime/gate/gate.hpp"
#include "runtime/gate/link.hpp"
#include "runtime/gate/links_core.hpp"
#include "runtime/gate/log_budget.hpp"

namespace pecia::runtime {

class GateLoop {
 public:
  GateLoop(GateOptions options, GateEvents events);
  ~GateLoop();  // joins the thread

  kernels::Status open();  // sockets and the thread
  std::uint16_t port() const { return listener_.port; }

  // Any thread.
  bool send(const NodeName& to, LinkNumber link, BulkTransfer transfer);
  void close(const NodeName& to, LinkNumber link, std::string why);
  GateStats stats() const;
  std::optional<BulkStats> bulk_stats(const NodeName& peer) const;
  std::uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }

 private:
  struct SendCommand {
    NodeName to;
    LinkNumber link = 0;
    BulkTransfer transfer;
  };
  struct CloseCommand {
    NodeName to;
    LinkNumber link = 0;
    std::string why;
  };
  using Command = std::variant<SendCommand, CloseCommand>;
  struct UpLink {
    LinkNumber link = 0;
    std::shared_ptr<BulkAccount> account;  // null: no bulk half
  };
  enum class Source : std::uint8_t { wake, listener, half, actors };

  // -- the loop ----------------------------------------------------------------------------------
  void run();
  void dispatch(std::uint64_t tag, std::uint32_t events);
  void on_half(Half& half, std::uint32_t events);
  void on_wake();
  void on(SendCommand& command);
  void on(CloseCommand& command);
  void on_time();
  void arm(std::uint64_t when_us);
  int wait_ms() const;
  void revisit_staged();
  void publish();
  void wake() const;
  bool watch(Source source, std::uint64_t id, int fd, std::uint32_t events) const;
  void rewatch(Source source, std::uint64_t id, int fd, std::uint32_t& now,
               std::uint32_t wanted) const;
  void doom(Half& half, std::string why);
  void doom(Link& link, std::string why);
  void bury();
  void bury(Half& half);
  void bury(Link& link);
  void end();
  void log(std::string line);
  Link* find(const NodeName& name);

  // -- admission ---------------------------------------------------------------------------------
  kernels::Status prepare();
  kernels::Status check_options() const;
  kernels::Expected<SocketAddress> resolve_allowed(const std::string& host, std::uint16_t port,
                                                   const char* verb) const;
  void on_listener();
  bool make_room();
  void on_accepted(Accepted accepted);
  Half* add_half(Fd fd, Part part, std::string where);
  void dial(Target& target);
  Half* dial_half(Target& target, Part part);
  void on_connected(Half& half);
  void shake(Half& half);
  void flush_handshake(Half& half);
  void on_rejected(Half& half, const Rejected& rejected);
  void on_admitted(Half& half);
  void pair_up(Half& half);
  void replace_older(const Half& control);
  void open_link(Half& control, Half* bulk);
  void retry_later(Target& target, const std::string& why);
  handshake::Nonce nonce() const;

  // -- links that are up -------------------------------------------------------------------------
  void on_control(Link& link, std::uint32_t events);
  void on_actors(Link& link, std::uint32_t events);
  void on_bulk(Link& link, std::uint32_t events);
  void read_control(Link& link);
  void pass_on(Link& link);
  void write_actors(Link& link);
  void read_actors(Link& link);
  void write_control(Link& link);
  void check_outbound(Link& link);
  void read_bulk(Link& link);
  void write_bulk(Link& link);
  bool next_frame(Link& link);
  void account_for(Link& link) const;
  void update_interest(Link& link);

  GateOptions options_;
  GateEvents events_;
  LinksCore links_core_;
  Fd epoll_;
  Fd wake_;
  Listener listener_;
  bool is_listening_ = false;  // in epoll's set
  std::uint64_t listen_again_us_ = 0;
  std::vector<Target> targets_;  // never grows after prepare(): pointers hold
  std::map<std::uint64_t, std::unique_ptr<Half>> halves_;
  std::map<std::uint64_t, std::unique_ptr<Link>> links_;
  std::vector<std::uint64_t> doomed_halves_;
  std::vector<std::uint64_t> doomed_links_;
  std::uint64_t ids_ = 0;
  std::size_t accepted_now_ = 0;
  std::uint64_t now_us_ = 0;
  std::uint64_t timer_us_ = 0;
  LogBudget budget_;
  GateStats stats_;
  std::vector<std::byte> scratch_;
  std::vector<BaspFilterCore::Bytes> ranges_;
  BulkArrivals arrivals_;
  std::set<std::uint64_t> staged_;  // halves whose stages hold bytes to be read
  std::thread thread_;
  std::atomic<std::uint64_t> ticks_{0};
  std::atomic<bool> is_ending_{false};

  // State below is guarded by mutex_.
  mutable std::mutex mutex_;
  std::vector<Command> commands_;
  std::map<NodeName, UpLink> ups_;
  GateStats published_;
};

}  // namespace pecia::runtime
