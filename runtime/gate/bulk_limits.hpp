#pragma once
// The numbers of a link's bulk half. Both ends must agree on the first four: beyond them a receiver
// closes the link.

#include <cstddef>
#include <cstdint>

namespace pecia::runtime {

struct BulkLimits {
  // One transfer. What is larger is cut by whoever sends it.
  std::uint64_t transfer_bytes_max = 64 * 1024 * 1024;
  // Of transfers of one priority that have begun and not ended; the receiver's memory for a link is
  // at most this, once a priority. One transfer of any size may always begin.
  std::uint64_t open_bytes_max = 64 * 1024 * 1024;
  std::size_t open_max = 4;  // such transfers of one priority; they take turns
  std::uint32_t piece_bytes_max = 256 * 1024;
  // Pieces are an eighth of the window, within these bounds: small ones let an urgent transfer in
  // sooner, large ones cost less.
  std::uint32_t piece_bytes_min = 16 * 1024;
  // What is in flight beyond a round trip is worth so long of the measured bandwidth. Longer fills
  // a link whose measure is rough; shorter lets messages beside it pass sooner.
  std::uint64_t credit_ms = 20;
  std::uint64_t window_bytes_max = 32 * 1024 * 1024;  // in flight, however fast the link is
  std::uint64_t queue_bytes_max = 256 * 1024 * 1024;  // of transfers taken and not yet sent
};

}  // namespace pecia::runtime
