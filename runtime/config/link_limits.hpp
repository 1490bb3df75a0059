#pragma once
// The numbers of the links between nodes: how soon one is up, how many there are, and how much may
// be under way. None changes what a document says.

#include <cstdint>

namespace pecia::runtime {

struct LinkLimits {
  // From the first byte of a connection to its admission. Longer forgives a busy machine, shorter
  // frees the place of a stranger sooner.
  std::uint64_t handshake_ms = 2'000;
  // For a connection to be made. Longer forgives a slow network, shorter tries again sooner.
  std::uint64_t dial_ms = 1'000;
  // A peer that is not there is dialled again after the first, then after twice as long each time,
  // up to the second. Shorter finds it sooner, longer costs less.
  std::uint64_t redial_ms = 100;
  std::uint64_t redial_ms_max = 500;
  // Connections of a node, of both kinds and not yet admitted ones too. More let more nodes and
  // clients in, and each costs a descriptor and buffers.
  int connections_max = 256;
  // Clients among them, so that they never keep a node out.
  int clients_max = 128;
  // Waiting to be sent over one link; beyond it the peer counts as gone. More ride out a slow
  // network, and each link may cost that much memory.
  std::uint64_t link_bytes_max = std::uint64_t{8} * 1024 * 1024;
  // Bulk bytes under way, as time of the measured bandwidth. More fill a long line, less keep
  // control messages and memory short.
  std::uint64_t bulk_credit_ms = 20;
  // Of one piece of bulk. Larger cost fewer headers, smaller let others in between sooner.
  std::uint64_t bulk_piece_bytes_min = std::uint64_t{16} * 1024;
  std::uint64_t bulk_piece_bytes_max = std::uint64_t{256} * 1024;
};

}  // namespace pecia::runtime
