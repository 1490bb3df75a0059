#include "runtime/gate/bulk_receiver_core.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

std::array<std::span<std::byte>, 2> BulkReceiverCore::room() {
  std::span<std::byte> piece;
  if (piece_) piece = std::span(into_->bytes).last(left_);
  return {piece, std::span(header_).subspan(header_size_)};
}

Status BulkReceiverCore::took(std::size_t bytes, BulkArrivals& out) {
  if (piece_) {
    const std::size_t more = std::min<std::size_t>(left_, bytes);
    bytes -= more;
    left_ -= more;
    if (left_ > 0) return {};
    if (Status ended = end_piece(out); !ended) return ended;
  }
  assert(bytes <= header_.size() - header_size_);
  header_size_ += bytes;
  if (header_size_ < header_.size()) return {};
  header_size_ = 0;
  if (Status begun = begin(out); !begun) return begun;
  return piece_ && left_ == 0 ? end_piece(out) : Status();
}

Status BulkReceiverCore::take(std::span<const std::byte> bytes, BulkArrivals& out) {
  while (!bytes.empty()) {
    std::size_t copied = 0;
    for (const std::span<std::byte> part : room()) {
      const auto more = bytes.first(std::min(part.size(), bytes.size()));
      std::copy(more.begin(), more.end(), part.begin());
      bytes = bytes.subspan(more.size());
      copied += more.size();
    }
    if (Status status = took(copied, out); !status) return status;
  }
  return {};
}

std::optional<BulkHeaderBytes> BulkReceiverCore::take_credit() {
  if (!std::exchange(is_credit_due_, false)) return std::nullopt;
  granted_ = consumed_ + limits_.window_bytes_max;
  return encode({BulkKind::credit, 0, 0, 0, 0, consumed_, granted_, 0});
}

std::uint64_t BulkReceiverCore::held_bytes() const {
  std::uint64_t held = 0;
  for (const auto& [id, open] : open_) held += open.bytes.size();
  return held - left_;
}

Status BulkReceiverCore::begin(BulkArrivals& out) {
  const auto header = decode_bulk_header(header_);
  if (!header) return fail(ErrorKind::refuse, "a bulk header whose check does not hold");
  if (header->kind == BulkKind::piece) return begin_piece(*header);
  if (header->bytes != 0) return fail(ErrorKind::refuse, "a credit with bytes behind it");
  out.credit = BulkArrivals::Credit{header->offset, header->total};
  return {};
}

Status BulkReceiverCore::begin_piece(const BulkHeader& header) {
  const std::uint64_t bytes = header.bytes;
  const bool is_cut_right = bytes <= limits_.piece_bytes_max && (bytes > 0 || header.total == 0);
  if (!is_cut_right || header.total > limits_.transfer_bytes_max || header.offset > header.total ||
      bytes > header.total - header.offset) {
    return fail(ErrorKind::refuse, "a piece of {} bytes at {} of {}", bytes, header.offset,
                header.total);
  }
  if (consumed_ + bytes > granted_) {
    return fail(ErrorKind::refuse, "a piece of {} bytes where {} are granted", bytes,
                granted_ - consumed_);
  }
  auto found = open_.find(header.id);
  if (found == open_.end()) {
    if (Status is_right = check_new(header); !is_right) return is_right;
    Open open{header.transfer_kind, header.priority, header.total, {}};
    found = open_.emplace(header.id, std::move(open)).first;
    found->second.bytes.reserve(header.total);
    Level& level = levels_[header.priority];
    level.open_bytes += header.total;
    ++level.open;
  }
  Open& open = found->second;
  const bool is_the_same = open.kind == header.transfer_kind && open.total == header.total &&
                           open.priority == header.priority;
  if (!is_the_same || open.bytes.size() != header.offset) {
    return fail(ErrorKind::refuse, "a piece at {} of transfer {:016x} where {} is next",
                header.offset, header.id, open.bytes.size());
  }
  open.bytes.resize(open.bytes.size() + bytes);
  piece_ = header;
  into_ = &open;
  left_ = bytes;
  return {};
}

Status BulkReceiverCore::check_new(const BulkHeader& header) const {
  if (header.offset != 0) {
    return fail(ErrorKind::refuse, "a piece at {} of transfer {:016x}, which never began",
                header.offset, header.id);
  }
  if (header.priority >= kBulkPriorities) {
    return fail(ErrorKind::refuse, "a piece of priority {}", header.priority);
  }
  const Level& level = levels_[header.priority];
  const bool is_too_much =
      level.open > 0 && level.open_bytes + header.total > limits_.open_bytes_max;
  if (level.open >= limits_.open_max || is_too_much) {
    return fail(ErrorKind::refuse, "{} transfers with {} bytes are open and {} more begin",
                level.open, level.open_bytes, header.total);
  }
  return {};
}

Status BulkReceiverCore::end_piece(BulkArrivals& out) {
  const BulkHeader header = *std::exchange(piece_, std::nullopt);
  const auto bytes = std::span(into_->bytes).last(header.bytes);
  if (bulk_check(bytes) != header.check) {
    return fail(ErrorKind::refuse, "a piece at {} of transfer {:016x} whose check does not hold",
                header.offset, header.id);
  }
  consumed_ += header.bytes;
  is_credit_due_ = true;
  if (into_->bytes.size() < into_->total) return {};
  Level& level = levels_[into_->priority];
  level.open_bytes -= into_->total;
  --level.open;
  out.transfers.push_back({header.id, into_->kind, std::move(into_->bytes)});
  open_.erase(header.id);
  return {};
}

}  // namespace pecia::runtime
