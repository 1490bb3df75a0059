#pragma once
// What the gate's loop holds of a connection, of a link, and of a peer that it dials.
// Thread rule: the gate's thread, but for BulkAccount.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/gate/basp_filter_core.hpp"
#include "runtime/gate/bulk_receiver_core.hpp"
#include "runtime/gate/bulk_sender_core.hpp"
#include "runtime/gate/gate.hpp"
#include "runtime/gate/handshake_core.hpp"
#include "runtime/gate/stream.hpp"

namespace pecia::runtime {

struct Link;
struct Target;

// One socket of a peer.
struct Half {
  enum class State : std::uint8_t {
    dialling,  // connect() goes on
    shaking,   // the handshake goes on
    waiting,   // admitted; the other half is not
    open,      // of a link that is up
  };

  std::uint64_t id = 0;
  Stream stream;
  Part part = Part::control;
  State state = State::shaking;
  std::string where;         // its address, for people
  Target* target = nullptr;  // who we dialled; null: we were dialled
  std::optional<HandshakeCore> handshake;
  ByteQueue output;  // of the handshake
  std::uint64_t deadline_us = 0;
  PeerIdentity peer;  // once claimed
  bool is_claimed = false;
  GateBytes capabilities;
  Link* link = nullptr;        // of an open one
  std::uint32_t interest = 0;  // epoll events asked for
  bool is_doomed = false;
  std::string why;
};

// How full a bulk half is, for every thread.
struct BulkAccount {
  std::atomic<std::uint64_t> queued{0};
  std::atomic<std::uint64_t> in_flight{0};
  std::atomic<std::uint64_t> window{0};
  std::atomic<std::uint64_t> piece{0};
  std::atomic<std::uint64_t> rate{0};
  std::atomic<std::uint64_t> round_trip{0};
};

// The frame that goes out now, and how much of it has.
struct BulkOut {
  BulkHeaderBytes header{};
  SharedBytes owner;
  std::span<const std::byte> bytes;
  std::size_t done = 0;
  std::size_t size() const { return header.size() + bytes.size(); }
};

struct Link {
  Link(BaspFilterOptions filtering, const BulkLimits& limits)
      : filter(std::move(filtering)), sender(limits), receiver(limits) {}

  std::uint64_t id = 0;
  GatePeer peer;
  Target* target = nullptr;
  Half* control = nullptr;
  Half* bulk = nullptr;  // null: a client's
  Stream actors;         // our end of the local pair
  std::uint32_t interest = 0;
  BaspFilterCore filter;
  ByteQueue to_actors;
  ByteQueue to_peer;
  std::uint64_t progress_us = 0;  // the peer's kernel took something, or nothing waited for it
  BulkSenderCore sender;
  BulkReceiverCore receiver;
  std::optional<BulkOut> out;
  std::shared_ptr<BulkAccount> account = std::make_shared<BulkAccount>();
  bool is_doomed = false;
  std::string why;
};

// A peer that this gate dials.
struct Target {
  NodeName name;
  SocketAddress address;
  bool is_busy = false;  // halves of it are under way, or its link is up
  LinkNumber link = 0;   // of the attempt
  std::uint64_t due_us = 0;
  std::uint64_t wait_ms = 0;  // after the next failure
  std::string last_failure;   // told once, not at every try
};

}  // namespace pecia::runtime
