// The bytes of links that are up: peer -> filter -> our actor system, our actor system -> peer, and
// pieces both ways. Every step does a bounded amount, so that no link keeps another waiting.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/gate/gate_loop.hpp"

namespace pecia::runtime {

using kernels::Status;

namespace {

constexpr int kReadsMax = 2;   // of scratch_ size, in one event
constexpr int kFramesMax = 4;  // bulk frames written in one event
constexpr std::size_t kBulkBytesARead = 1024 * 1024;
// Our own actor system has not read so much: then the peer is not read either, and TCP holds it.
constexpr std::size_t kToActorsBytesMax = 256 * 1024;
constexpr std::uint64_t kUsPerMs = 1'000;

}  // namespace

void GateLoop::on_control(Link& link, std::uint32_t events) {
  if (link.is_doomed) return;
  if ((events & EPOLLOUT) != 0) write_control(link);
  // Errors and ends show when it is read, but for a reader that waits for our own actors.
  const bool is_over = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (is_over && (link.control->interest & EPOLLIN) == 0) {
    doom(link, "its control half was closed by the peer");
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_control(link);
  update_interest(link);
}

void GateLoop::on_actors(Link& link, std::uint32_t events) {
  if (link.is_doomed) return;
  if ((events & EPOLLOUT) != 0) {
    write_actors(link);
    if (link.control->stream.has_inbound()) staged_.insert(link.control->id);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_actors(link);
  update_interest(link);
}

void GateLoop::on_bulk(Link& link, std::uint32_t events) {
  if (link.is_doomed) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_bulk(link);
  write_bulk(link);
  update_interest(link);
}

// -- control -------------------------------------------------------------------------------------

void GateLoop::read_control(Link& link) {
  for (int i = 0; i < kReadsMax && !link.is_doomed; ++i) {
    if (link.to_actors.size() >= kToActorsBytesMax) return;
    const Stream::Result read = link.control->stream.receive(scratch_);
    if (read.io == Stream::Io::ended) return doom(link, "its control half: " + read.why);
    if (read.io == Stream::Io::again) return;
    stats_.control_bytes_in += read.bytes;
    ranges_.clear();
    const Status status = link.filter.take(std::span(scratch_).first(read.bytes), ranges_);
    if (!status) return doom(link, "its actors' bytes: " + status.error().message);
    pass_on(link);
    if (read.bytes < scratch_.size()) return;
  }
}

// What the local socket takes at once is never copied.
void GateLoop::pass_on(Link& link) {
  auto left = std::span<const BaspFilterCore::Bytes>(ranges_);
  std::size_t done = 0;  // of left.front()
  while (!left.empty() && link.to_actors.empty()) {
    std::array<BaspFilterCore::Bytes, Stream::kPartsMax> parts;
    const std::size_t count = std::min(parts.size(), left.size());
    std::copy_n(left.begin(), count, parts.begin());
    parts[0] = parts[0].subspan(done);
    const Stream::Result sent = link.actors.send(std::span(parts).first(count));
    if (sent.io == Stream::Io::ended) return doom(link, "its actor system: " + sent.why);
    if (sent.io == Stream::Io::again) break;
    std::size_t taken = sent.bytes + done;
    for (done = 0; !left.empty() && taken >= left.front().size(); left = left.subspan(1)) {
      taken -= left.front().size();
    }
    done = taken;
  }
  for (; !left.empty(); left = left.subspan(1)) {
    link.to_actors.push(left.front().subspan(std::exchange(done, 0)));
  }
}

void GateLoop::write_actors(Link& link) {
  while (!link.to_actors.empty()) {
    const Stream::Result sent = link.actors.send(link.to_actors.front());
    if (sent.io == Stream::Io::ended) return doom(link, "its actor system: " + sent.why);
    if (sent.io == Stream::Io::again) return;
    link.to_actors.pop(sent.bytes);
  }
}

// Always: what the actor system has written counts as the link's, and CAF's own buffer has no end.
void GateLoop::read_actors(Link& link) {
  for (int i = 0; i < kReadsMax && !link.is_doomed; ++i) {
    const Stream::Result read = link.actors.receive(scratch_);
    if (read.io == Stream::Io::ended) return doom(link, "its actor system let go of it");
    if (read.io == Stream::Io::again) return;
    auto bytes = std::span<const std::byte>(scratch_).first(read.bytes);
    if (link.to_peer.empty()) {
      const Stream::Result sent = link.control->stream.send(bytes);
      if (sent.io == Stream::Io::ended) return doom(link, "its control half: " + sent.why);
      stats_.control_bytes_out += sent.bytes;
      link.progress_us = now_us_;
      bytes = bytes.subspan(sent.bytes);
    }
    link.to_peer.push(bytes);
    check_outbound(link);
    if (read.bytes < scratch_.size()) return;
  }
}

void GateLoop::write_control(Link& link) {
  Stream& stream = link.control->stream;
  if (stream.has_outbound() && stream.flush().io == Stream::Io::ended) {
    return doom(link, "its control half was closed by the peer");
  }
  for (int i = 0; i < kReadsMax && !link.to_peer.empty(); ++i) {
    const Stream::Result sent = stream.send(link.to_peer.front());
    if (sent.io == Stream::Io::ended) return doom(link, "its control half: " + sent.why);
    if (sent.io == Stream::Io::again) return;
    link.to_peer.pop(sent.bytes);
    stats_.control_bytes_out += sent.bytes;
    link.progress_us = now_us_;
  }
}

void GateLoop::check_outbound(Link& link) {
  const GateLimits& limits = options_.limits;
  const std::uint64_t waiting = link.to_peer.size();
  if (waiting <= limits.link_bytes_max) return;
  if (waiting > limits.link_bytes_max + limits.control_payload_bytes_max) {
    return doom(link, fmt::format("{} bytes wait for it; {} and one message are the most", waiting,
                                  limits.link_bytes_max));
  }
  if (now_us_ - link.progress_us > limits.link_stall_ms * kUsPerMs) {
    doom(link, fmt::format("{} bytes wait for it, and for {} ms it has taken none", waiting,
                           limits.link_stall_ms));
  }
}

// -- bulk ----------------------------------------------------------------------------------------

void GateLoop::read_bulk(Link& link) {
  for (std::size_t total = 0; total < kBulkBytesARead && !link.is_doomed;) {
    const auto room = link.receiver.room();
    const Stream::Result read = link.bulk->stream.receive(room);
    if (read.io == Stream::Io::ended) return doom(link, "its bulk half: " + read.why);
    if (read.io == Stream::Io::again) return;
    total += read.bytes;
    stats_.bulk_bytes_in += read.bytes;
    arrivals_.transfers.clear();
    arrivals_.credit.reset();
    Status status = link.receiver.took(read.bytes, arrivals_);
    if (status && arrivals_.credit) {
      const auto [consumed, granted] = *arrivals_.credit;
      status = link.sender.on_credit(consumed, granted, options_.now_us());
    }
    if (!status) return doom(link, "its bulk bytes: " + status.error().message);
    for (BulkReceived& transfer : arrivals_.transfers) {
      if (events_.received) events_.received(link.peer, std::move(transfer));
    }
    if (read.bytes < room[0].size() + room[1].size()) return;
  }
}

void GateLoop::write_bulk(Link& link) {
  if (link.is_doomed) return;
  Stream& stream = link.bulk->stream;
  if (stream.has_outbound() && stream.flush().io == Stream::Io::ended) {
    return doom(link, "its bulk half was closed by the peer");
  }
  for (int i = 0; i < kFramesMax && (link.out || next_frame(link)); ++i) {
    BulkOut& out = *link.out;
    const std::size_t head = std::min(out.done, out.header.size());
    const std::array<std::span<const std::byte>, 2> parts = {
        std::span<const std::byte>(out.header).subspan(head), out.bytes.subspan(out.done - head)};
    const Stream::Result sent = stream.send(parts);
    if (sent.io == Stream::Io::ended) return doom(link, "its bulk half: " + sent.why);
    if (sent.io == Stream::Io::again) break;
    stats_.bulk_bytes_out += sent.bytes;
    out.done += sent.bytes;
    if (out.done == out.size()) link.out.reset();
  }
  if (!link.out) next_frame(link);  // shows whether the socket is still to be watched
  account_for(link);
  update_interest(link);
}

// Credit goes before pieces: the other side may be waiting for nothing else.
bool GateLoop::next_frame(Link& link) {
  if (const auto credit = link.receiver.take_credit()) {
    link.out = BulkOut{*credit, nullptr, {}, 0};
    return true;
  }
  auto piece = link.sender.next(options_.now_us());
  if (!piece) return false;
  link.account->queued -= piece->bytes.size();
  link.out = BulkOut{piece->header, std::move(piece->owner), piece->bytes, 0};
  return true;
}

void GateLoop::account_for(Link& link) const {
  BulkAccount& account = *link.account;
  const DeliveryRateCore& rate = link.sender.rate();
  account.in_flight = link.sender.in_flight_bytes();
  account.window = rate.window_bytes();
  account.piece = rate.piece_bytes();
  account.rate = rate.bytes_per_second();
  account.round_trip = rate.round_trip_us();
}

void GateLoop::update_interest(Link& link) {
  if (link.is_doomed) return;
  const auto events = [](bool reads, bool writes) -> std::uint32_t {
    return (reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U);
  };
  Half& control = *link.control;
  rewatch(Source::half, control.id, control.stream.fd(), control.interest,
          events(link.to_actors.size() < kToActorsBytesMax,
                 !link.to_peer.empty() || control.stream.has_outbound()));
  rewatch(Source::actors, link.id, link.actors.fd(), link.interest,
          events(true, !link.to_actors.empty()));
  if (link.bulk == nullptr) return;
  Half& bulk = *link.bulk;
  rewatch(Source::half, bulk.id, bulk.stream.fd(), bulk.interest,
          events(true, link.out.has_value() || bulk.stream.has_outbound()));
}

}  // namespace pecia::runtime
