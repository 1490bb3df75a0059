#pragma once
// How many bytes may be in flight on a bulk half: the measured bandwidth times a round trip, and
// credit_ms of it on top. Measured by the sender, as TCP does it in BBR (Cardwell et al., ACM Queue
// 14(5), 2016): a piece remembers how much had been consumed when it was sent, so the credit that
// covers it tells bytes delivered over time passed. The highest of the last second counts, since
// pauses of the sender say nothing about the link; the round trip is the shortest ever seen.
//
// With a window worth only 20 ms a link of a longer round trip would measure ever less of itself;
// with the round trip added a window that is too small measures itself larger, until the link is
// full and exactly credit_ms of queue stand on it. At first, while it still measures itself larger
// from round trip to round trip, it doubles. A receiver could not measure this: it does not know
// when a piece was sent. It grants instead what its memory holds.
//
// Times are microseconds of one clock that never steps back. Thread rule: one thread.

#include <cstdint>
#include <deque>

#include "runtime/gate/bulk_limits.hpp"

namespace pecia::runtime {

class DeliveryRateCore {
 public:
  explicit DeliveryRateCore(const BulkLimits& limits) : limits_(limits) {}

  // `sent` and `consumed` are payload bytes since the link opened. `is_full`: the sender had more.
  void on_sent(std::uint64_t sent, bool is_full, std::uint64_t now_us);
  void on_consumed(std::uint64_t consumed, std::uint64_t now_us);

  std::uint64_t window_bytes() const;  // 2 of the smallest pieces at least
  std::uint32_t piece_bytes() const;
  std::uint64_t bytes_per_second() const { return rate_ > before_ ? rate_ : before_; }
  std::uint64_t round_trip_us() const { return round_trip_us_; }  // 0: none measured

 private:
  struct Sent {
    std::uint64_t sent = 0;  // with this piece
    std::uint64_t sent_us = 0;
    std::uint64_t consumed = 0;     // when it was sent
    std::uint64_t consumed_us = 0;  // when that was heard of
    bool is_full = false;
  };

  void measure(const Sent& piece, std::uint64_t now_us);
  void end_start(const Sent& piece);

  BulkLimits limits_;
  std::deque<Sent> in_flight_;
  std::uint64_t consumed_ = 0;
  std::uint64_t consumed_us_ = 0;
  std::uint64_t rate_ = 0;    // the highest of this half second, bytes a second
  std::uint64_t before_ = 0;  // and of the half second before
  std::uint64_t rate_since_us_ = 0;
  std::uint64_t round_trip_us_ = 0;
  bool is_starting_ = true;
  std::uint64_t round_ends_ = 0;   // once a piece is consumed that was sent after so much was
  std::uint64_t rate_before_ = 0;  // of the round that grew last
  int rounds_without_growth_ = 0;
};

}  // namespace pecia::runtime
