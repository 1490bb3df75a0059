#include "runtime/gate/delivery_rate_core.hpp"

#include <algorithm>
#include <utility>

namespace pecia::runtime {

namespace {
constexpr std::uint64_t kHalfSecondUs = 500'000;
constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kPiecesBeforeMeasure = 8;  // of the smallest, in flight at first
constexpr std::uint64_t kPiecesInWindow = 8;
constexpr std::uint32_t kPageBytes = 4'096;
}  // namespace

void DeliveryRateCore::on_sent(std::uint64_t sent, bool is_full, std::uint64_t now_us) {
  if (in_flight_.empty()) consumed_us_ = now_us;  // a pause is not the link's
  in_flight_.push_back({sent, now_us, consumed_, consumed_us_, is_full});
}

void DeliveryRateCore::on_consumed(std::uint64_t consumed, std::uint64_t now_us) {
  consumed_ = consumed;
  consumed_us_ = now_us;
  bool is_any = false;
  Sent last;
  for (; !in_flight_.empty() && in_flight_.front().sent <= consumed; in_flight_.pop_front()) {
    last = in_flight_.front();
    is_any = true;
  }
  if (is_any) measure(last, now_us);
}

void DeliveryRateCore::measure(const Sent& piece, std::uint64_t now_us) {
  const std::uint64_t round_trip = std::max<std::uint64_t>(1, now_us - piece.sent_us);
  round_trip_us_ = round_trip_us_ == 0 ? round_trip : std::min(round_trip_us_, round_trip);
  const std::uint64_t passed_us = std::max<std::uint64_t>(1, now_us - piece.consumed_us);
  const std::uint64_t rate = (consumed_ - piece.consumed) * kSecondUs / passed_us;
  if (!piece.is_full && rate <= bytes_per_second()) return;  // the sender had no more to send
  if (now_us - rate_since_us_ >= kHalfSecondUs) {
    before_ = std::exchange(rate_, 0);
    rate_since_us_ = now_us;
  }
  rate_ = std::max(rate_, rate);
  if (is_starting_) end_start(piece);
}

// Three round trips in a row that were not a quarter faster than the best before: it is full.
void DeliveryRateCore::end_start(const Sent& piece) {
  if (piece.consumed < round_ends_) return;
  round_ends_ = consumed_;
  if (bytes_per_second() >= rate_before_ + rate_before_ / 4) {
    rate_before_ = bytes_per_second();
    rounds_without_growth_ = 0;
  } else if (++rounds_without_growth_ == 3) {
    is_starting_ = false;
  }
}

std::uint64_t DeliveryRateCore::window_bytes() const {
  const std::uint64_t least = 2 * std::uint64_t{limits_.piece_bytes_min};
  if (round_trip_us_ == 0) return kPiecesBeforeMeasure * limits_.piece_bytes_min;
  const std::uint64_t beyond_us = limits_.credit_ms * 1'000;
  const std::uint64_t worth_us =
      round_trip_us_ + (is_starting_ ? std::max(beyond_us, round_trip_us_) : beyond_us);
  const double seconds = static_cast<double>(worth_us) / kSecondUs;
  const double bytes = static_cast<double>(bytes_per_second()) * seconds;
  if (bytes >= static_cast<double>(limits_.window_bytes_max)) return limits_.window_bytes_max;
  return std::max(least, static_cast<std::uint64_t>(bytes));
}

std::uint32_t DeliveryRateCore::piece_bytes() const {
  const std::uint64_t share = window_bytes() / kPiecesInWindow / kPageBytes * kPageBytes;
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(share, limits_.piece_bytes_min, limits_.piece_bytes_max));
}

}  // namespace pecia::runtime
