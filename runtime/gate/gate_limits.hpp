#pragma once
// The numbers of the gate. A stranger can cost a node handshakes_max half-open connections for
// handshake_ms, a few kilobytes each, and nothing else.

#include <cstddef>
#include <cstdint>

#include "runtime/gate/bulk_limits.hpp"

namespace pecia::runtime {

struct GateLimits {
  std::uint64_t dial_ms = 1'000;       // until a connection stands, or the dial is given up
  std::uint64_t handshake_ms = 2'000;  // until a peer is admitted, and again until its bulk half is
  // A dial that failed is tried again after the first, then after twice as long, up to the second.
  std::uint64_t redial_ms = 100;
  std::uint64_t redial_ms_max = 500;
  // Accepted connections, admitted ones included. One beyond it is closed at once.
  std::size_t connections_max = 256;
  // Of them, those in their handshake. Where one more comes the oldest is closed: a peer is through
  // in milliseconds, so what is old is silent.
  std::size_t handshakes_max = 64;
  std::size_t clients_max = 128;
  // Outbound control bytes of a link that the kernel has not taken. Beyond it the peer must take
  // something every link_stall_ms; and beyond it and one largest message the link closes anyway, so
  // that one order of 64 MiB ends no healthy link, and a thousand small ones cannot fill the
  // memory.
  std::uint64_t link_bytes_max = 8 * 1024 * 1024;
  std::uint64_t link_stall_ms = 1'000;
  // Payload of one message of actors, inbound: the largest encoded message and what CAF puts around
  // it. A client's may be a spec at most.
  std::uint64_t control_payload_bytes_max = 64 * 1024 * 1024 + 4'096;
  std::uint64_t client_payload_bytes_max = 16 * 1024 * 1024 + 64 * 1024;
  // Unacknowledged bytes for so long end a connection, by the kernel (TCP_USER_TIMEOUT).
  std::uint64_t user_timeout_ms = 5'000;
  BulkLimits bulk;
};

}  // namespace pecia::runtime
