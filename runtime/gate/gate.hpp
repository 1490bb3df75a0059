#pragma once
// The one owner of every network socket of a node process. It listens, dials, proves who is at the
// other end, and only then lets bytes through: those of actors by way of a local socket that CAF is
// given, checked frame by frame (BaspFilterCore), and bulk transfers in pieces under credit.
//
//      CAF == socketpair == [ filter ]      .---------.== control ==.
//                                     gate  |  stages |              > the peer's gate
//      send(), received    == [ pieces ]    '---------'==  bulk   =='
//
//   a link:   dial or accept --> handshake --> (nodes: the same for the bulk half) --> up --> down
//
// Rules, from PROTOCOL.md "Links": the lower name dials and dials again for ever; a link is up when
// both its halves are; it is down, once, when either ends, when its outbound bytes pass their
// limit, when a higher link or a new boot of its name is admitted, or when the gate ends. A client
// dials, has a control half only, and is called client-<16 hex digits>.
//
// Without a secret a gate speaks on loopback addresses only. One thread does all of it; names are
// resolved once, by start().
//
// Thread rule: start() and the destructor on one thread, everything else on any. Events are called
// on the gate's thread, must return soon and may not throw; they may call the gate, but not end it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/gate/basp_filter_core.hpp"
#include "runtime/gate/bulk_receiver_core.hpp"
#include "runtime/gate/bulk_sender_core.hpp"
#include "runtime/gate/gate_limits.hpp"
#include "runtime/gate/handshake_core.hpp"
#include "runtime/gate/peer.hpp"
#include "runtime/gate/stage.hpp"

namespace pecia::runtime {

struct GatePeer {
  NodeName name;
  Boot boot = 0;
  LinkNumber link = 0;
  bool is_client = false;
  GateBytes capabilities;
};

struct GateEvents {
  // `fd`: the end of a local stream that speaks BASP with the peer; the callee owns it. Who dialled
  // connects there, who was dialled publishes.
  std::function<void(const GatePeer& peer, int fd, bool is_dialler)> up;
  std::function<void(const GatePeer& peer, const std::string& why)> down;  // once for every up
  std::function<void(const GatePeer& peer, BulkReceived transfer)> received;
  std::function<void(const std::string& line)> log;  // for people; few lines, whoever knocks
};

struct GateAddress {
  NodeName name;
  std::string host;  // empty: it dials us
  std::uint16_t port = 0;
};

struct GateOptions {
  GateSelf self;
  std::string listen_host;        // empty: nobody can dial
  std::uint16_t listen_port = 0;  // 0: the system chooses, port() says
  // All other nodes of the cluster; of a client, the nodes that it dials.
  std::vector<GateAddress> peers;
  // Types of messages that may come from a peer, as CAF spells them; none: any (BaspFilterCore).
  std::vector<std::string> message_types_allowed;
  std::vector<MakeStage> stages;
  GateLimits limits;
  std::function<std::uint64_t()> now_us;  // a clock that never steps back
  std::function<std::uint64_t()> chance;  // numbers that nobody can foresee
};

// Since the start.
struct GateStats {
  std::uint64_t accepted = 0;
  std::uint64_t dialled = 0;
  std::uint64_t ups = 0;
  std::uint64_t downs = 0;
  std::uint64_t rejected[kRefusals] = {};  // handshakes, by Refusal
  std::uint64_t timed_out = 0;             // handshakes and dials
  std::uint64_t evicted = 0;               // handshakes, by newer ones
  std::uint64_t over_cap = 0;              // connections closed as they came
  std::uint64_t control_bytes_in = 0;
  std::uint64_t control_bytes_out = 0;
  std::uint64_t bulk_bytes_in = 0;
  std::uint64_t bulk_bytes_out = 0;
  BaspFilterCounts frames;        // of links that are down
  std::uint64_t connections = 0;  // now
};

// Of the bulk half of a link that is up.
struct BulkStats {
  std::uint64_t queued_bytes = 0;
  std::uint64_t in_flight_bytes = 0;
  std::uint64_t window_bytes = 0;
  std::uint64_t piece_bytes = 0;
  std::uint64_t bytes_per_second = 0;
  std::uint64_t round_trip_us = 0;
};

class GateLoop;

class Gate {
 public:
  // Refuses, with one line: an address without a secret that is not loopback, one that does not
  // resolve, names that are none. An Error of kind retry where the port is taken.
  static kernels::Expected<std::unique_ptr<Gate>> start(GateOptions options, GateEvents events);
  ~Gate();  // every link goes down

  std::uint16_t port() const;  // listened on; 0: none

  // Hands a transfer to the bulk half of that link. False: there is no such link, the transfer is
  // too large, or too much is queued; then nothing was taken. What was taken arrives, or the link
  // goes down.
  bool send(const NodeName& to, LinkNumber link, BulkTransfer transfer);
  void close(const NodeName& to, LinkNumber link, std::string why);

  GateStats stats() const;
  std::optional<BulkStats> bulk_stats(const NodeName& peer) const;
  // Grows at least five times a second while the gate's thread is alive.
  std::uint64_t ticks() const;

 private:
  explicit Gate(std::unique_ptr<GateLoop> loop);
  std::unique_ptr<GateLoop> loop_;
};

}  // namespace pecia::runtime
