#pragma once
// The sending side of a bulk half: transfers in, pieces out, in the order in which they should
// reach the socket. A higher priority goes first; within one, transfers take turns piece by piece,
// so a small one does not wait for a large one. Bytes are shared, never copied.
//
// Two limits hold pieces back: what the receiver granted (its memory), and the window of
// DeliveryRateCore (the link). Memory: what was taken and not sent, queue_bytes_max at most.
// Thread rule: one thread.

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/gate/bulk_format.hpp"
#include "runtime/gate/delivery_rate_core.hpp"

namespace pecia::runtime {

using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;

struct BulkTransfer {
  std::uint64_t id = 0;       // none of those that are under way
  std::uint16_t kind = 0;     // the sender's own word for what it is
  std::uint8_t priority = 0;  // below kBulkPriorities
  SharedBytes bytes;          // not null
};

struct BulkPiece {
  BulkHeaderBytes header{};
  SharedBytes owner;  // of the bytes
  std::span<const std::byte> bytes;
};

class BulkSenderCore {
 public:
  explicit BulkSenderCore(const BulkLimits& limits) : limits_(limits), rate_(limits) {}

  // An Error of kind refuse where it is no transfer, of kind retry where the queue is full.
  kernels::Status add(BulkTransfer transfer);
  // The next piece, or nothing: no transfer, or not before more credit.
  std::optional<BulkPiece> next(std::uint64_t now_us);
  // What the receiver says; an Error where it cannot be.
  kernels::Status on_credit(std::uint64_t consumed, std::uint64_t granted, std::uint64_t now_us);

  std::uint64_t queued_bytes() const { return queued_; }  // taken and not sent
  std::uint64_t in_flight_bytes() const { return sent_ - consumed_; }
  const DeliveryRateCore& rate() const { return rate_; }

 private:
  struct Open {
    BulkTransfer transfer;
    std::uint64_t sent = 0;
  };
  struct Level {
    std::deque<BulkTransfer> waiting;
    std::deque<Open> open;  // the next to take its turn first
    std::uint64_t open_bytes = 0;
  };

  void open_waiting(Level& level) const;
  bool may_send(std::uint64_t bytes) const;
  BulkPiece cut(Level& level, std::uint64_t bytes);

  BulkLimits limits_;
  DeliveryRateCore rate_;
  std::array<Level, kBulkPriorities> levels_;
  std::uint64_t queued_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t consumed_ = 0;
  std::uint64_t granted_ = 0;
};

}  // namespace pecia::runtime
