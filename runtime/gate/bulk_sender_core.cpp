#include "runtime/gate/bulk_sender_core.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

Status BulkSenderCore::add(BulkTransfer transfer) {
  assert(transfer.bytes != nullptr);
  const std::uint64_t bytes = transfer.bytes->size();
  if (transfer.priority >= kBulkPriorities) {
    return fail(ErrorKind::refuse, "priority {} of a transfer; 0 to {} would be right",
                transfer.priority, kBulkPriorities - 1);
  }
  if (bytes > limits_.transfer_bytes_max) {
    return fail(ErrorKind::refuse, "a transfer of {} bytes; {} are the most", bytes,
                limits_.transfer_bytes_max);
  }
  if (queued_ + bytes > limits_.queue_bytes_max) {
    return fail(ErrorKind::retry, "{} bytes wait to be sent and {} more would be beyond {}",
                queued_, bytes, limits_.queue_bytes_max);
  }
  queued_ += bytes;
  levels_[transfer.priority].waiting.push_back(std::move(transfer));
  return {};
}

std::optional<BulkPiece> BulkSenderCore::next(std::uint64_t now_us) {
  for (std::size_t priority = kBulkPriorities; priority-- > 0;) {
    Level& level = levels_[priority];
    open_waiting(level);
    if (level.open.empty()) continue;
    const Open& turn = level.open.front();
    const std::uint64_t left = turn.transfer.bytes->size() - turn.sent;
    std::uint64_t bytes = std::min<std::uint64_t>(left, rate_.piece_bytes());
    // A grant that is smaller than a piece must not be waited out.
    if (in_flight_bytes() == 0 && sent_ < granted_) bytes = std::min(bytes, granted_ - sent_);
    if (!may_send(bytes)) return std::nullopt;
    BulkPiece piece = cut(level, bytes);
    sent_ += bytes;
    queued_ -= bytes;
    if (bytes > 0) rate_.on_sent(sent_, queued_ > 0, now_us);
    return piece;
  }
  return std::nullopt;
}

Status BulkSenderCore::on_credit(std::uint64_t consumed, std::uint64_t granted,
                                 std::uint64_t now_us) {
  if (consumed < consumed_ || consumed > sent_ || granted < granted_) {
    return fail(ErrorKind::refuse,
                "a credit of {} consumed and {} granted, after {} sent, {} consumed, {} granted",
                consumed, granted, sent_, consumed_, granted_);
  }
  granted_ = granted;
  if (consumed > consumed_) rate_.on_consumed(consumed, now_us);
  consumed_ = consumed;
  return {};
}

void BulkSenderCore::open_waiting(Level& level) const {
  while (!level.waiting.empty() && level.open.size() < limits_.open_max) {
    const std::uint64_t bytes = level.waiting.front().bytes->size();
    if (!level.open.empty() && level.open_bytes + bytes > limits_.open_bytes_max) return;
    level.open_bytes += bytes;
    level.open.push_back({std::move(level.waiting.front()), 0});
    level.waiting.pop_front();
  }
}

bool BulkSenderCore::may_send(std::uint64_t bytes) const {
  if (sent_ + bytes > granted_) return bytes == 0;
  return in_flight_bytes() == 0 || in_flight_bytes() + bytes <= rate_.window_bytes();
}

BulkPiece BulkSenderCore::cut(Level& level, std::uint64_t bytes) {
  Open turn = std::move(level.open.front());
  level.open.pop_front();
  const BulkTransfer& transfer = turn.transfer;
  BulkPiece piece;
  piece.owner = transfer.bytes;
  piece.bytes = std::span(*transfer.bytes).subspan(turn.sent, bytes);
  piece.header =
      encode({BulkKind::piece, transfer.priority, transfer.kind, static_cast<std::uint32_t>(bytes),
              transfer.id, turn.sent, transfer.bytes->size(), bulk_check(piece.bytes)});
  turn.sent += bytes;
  if (turn.sent < transfer.bytes->size()) {
    level.open.push_back(std::move(turn));
  } else {
    level.open_bytes -= transfer.bytes->size();
  }
  return piece;
}

}  // namespace pecia::runtime
