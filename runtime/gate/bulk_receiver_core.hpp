#pragma once
// The receiving side of a bulk half: bytes in, whole transfers and the peer's credits out. Bytes go
// from the socket to where they stay, which the core says. Pieces must be exactly what a sender by
// the same limits sends; anything else is an Error, after which the link must be closed: a wrong
// check, an unknown id, a gap, an overlap, a byte beyond the total or beyond what was granted, more
// open transfers than allowed.
//
// Memory: open_bytes_max a priority; a transfer's is reserved when it begins, and touched as its
// pieces come.
// Thread rule: one thread.

#include <array>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/raw_bytes.hpp"
#include "runtime/gate/bulk_format.hpp"
#include "runtime/gate/bulk_limits.hpp"

namespace pecia::runtime {

struct BulkReceived {
  std::uint64_t id = 0;
  std::uint16_t kind = 0;
  kernels::RawBytes bytes;
};

struct BulkArrivals {
  std::vector<BulkReceived> transfers;
  struct Credit {
    std::uint64_t consumed = 0;
    std::uint64_t granted = 0;
  };
  std::optional<Credit> credit;  // the latest
};

class BulkReceiverCore {
 public:
  explicit BulkReceiverCore(const BulkLimits& limits) : limits_(limits) {}

  // Where the next bytes belong, in order: the rest of the piece under way, then the rest of the
  // header behind it; together at least one byte. Good until the next call of took().
  std::array<std::span<std::byte>, 2> room();
  // So many bytes have been put there. Adds to what is in `out`.
  // REQUIRES no more than there was room for.
  kernels::Status took(std::size_t bytes, BulkArrivals& out);
  // The same by a copy, of any number of bytes.
  kernels::Status take(std::span<const std::byte> bytes, BulkArrivals& out);

  // The credit to send, where there is news since the last one; also once at the beginning.
  std::optional<BulkHeaderBytes> take_credit();

  std::uint64_t held_bytes() const;  // of transfers under way

 private:
  struct Open {
    std::uint16_t kind = 0;
    std::uint8_t priority = 0;
    std::uint64_t total = 0;
    kernels::RawBytes bytes;
  };
  struct Level {
    std::uint64_t open_bytes = 0;
    std::size_t open = 0;
  };

  kernels::Status begin(BulkArrivals& out);
  kernels::Status begin_piece(const BulkHeader& header);
  kernels::Status end_piece(BulkArrivals& out);
  kernels::Status check_new(const BulkHeader& header) const;

  BulkLimits limits_;
  std::map<std::uint64_t, Open> open_;  // by id
  Level levels_[kBulkPriorities];
  BulkHeaderBytes header_{};         // of the next piece or credit
  std::size_t header_size_ = 0;      // bytes of it that are here
  std::optional<BulkHeader> piece_;  // whose bytes are coming
  Open* into_ = nullptr;             // its transfer
  std::uint64_t left_ = 0;           // bytes of it to come
  std::uint64_t consumed_ = 0;
  std::uint64_t granted_ = 0;
  bool is_credit_due_ = true;
};

}  // namespace pecia::runtime
