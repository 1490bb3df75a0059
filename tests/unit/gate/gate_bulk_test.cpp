// Bulk as pure cores: pieces, turns, credit, the measured window, and what a receiver refuses.

#include <algorithm>
#include <map>

#include "runtime/gate/bulk_receiver_core.hpp"
#include "runtime/gate/bulk_sender_core.hpp"
#include "runtime/gate/log_budget.hpp"
#include "tests/catch.hpp"

using namespace pecia::runtime;
using pecia::kernels::ErrorKind;
using pecia::kernels::Status;

namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;

SharedBytes bytes_of(std::size_t count, int seed = 0) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::byte>((i * 31 + i / 256 + static_cast<std::size_t>(seed)) & 0xFF);
  }
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}

BulkHeader header_of(const BulkPiece& piece) { return *decode_bulk_header(piece.header); }

std::vector<std::byte> flat(const BulkPiece& piece) {
  std::vector<std::byte> all(piece.header.begin(), piece.header.end());
  all.insert(all.end(), piece.bytes.begin(), piece.bytes.end());
  return all;
}

// A piece as a stranger would make it.
std::vector<std::byte> forged(BulkHeader header, std::size_t count) {
  const SharedBytes bytes = bytes_of(count);
  header.bytes = static_cast<std::uint32_t>(count);
  header.check = bulk_check(*bytes);
  return flat({encode(header), bytes, *bytes});
}

// A sender and a receiver with a wire between them that carries so many bytes a second.
struct Wire {
  BulkLimits limits;
  BulkSenderCore sender{limits};
  BulkReceiverCore receiver{limits};
  std::uint64_t bytes_per_second = 0;
  std::uint64_t delay_us = 0;  // one way
  std::uint64_t now_us = 1'000'000;
  std::uint64_t free_us = 0;  // when the wire has carried all it was given
  std::multimap<std::uint64_t, std::vector<std::byte>> to_receiver, to_sender;
  std::vector<BulkReceived> received;
  std::uint64_t in_flight_max = 0;

  void take_credit() {
    if (const auto credit = receiver.take_credit()) {
      to_sender.emplace(now_us + delay_us, std::vector(credit->begin(), credit->end()));
    }
  }
  void send_what_may() {
    while (auto piece = sender.next(now_us)) {
      free_us = std::max(free_us, now_us) + piece->bytes.size() * 1'000'000 / bytes_per_second;
      to_receiver.emplace(free_us + delay_us, flat(*piece));
      in_flight_max = std::max(in_flight_max, sender.in_flight_bytes());
    }
  }
  // Until nothing is under way.
  void run() {
    take_credit();
    for (;;) {
      send_what_may();
      if (to_receiver.empty() && to_sender.empty()) return;
      const bool is_data =
          to_sender.empty() ||
          (!to_receiver.empty() && to_receiver.begin()->first <= to_sender.begin()->first);
      auto& queue = is_data ? to_receiver : to_sender;
      now_us = std::max(now_us, queue.begin()->first);
      const auto bytes = std::move(queue.begin()->second);
      queue.erase(queue.begin());
      if (is_data) {
        BulkArrivals arrivals;
        REQUIRE(receiver.take(bytes, arrivals).ok());
        for (auto& transfer : arrivals.transfers) received.push_back(std::move(transfer));
        take_credit();
      } else {
        const auto credit =
            *decode_bulk_header(std::span<const std::byte, kBulkHeaderBytes>(bytes));
        REQUIRE(sender.on_credit(credit.offset, credit.total, now_us).ok());
      }
    }
  }
};

Status take(BulkReceiverCore& receiver, const std::vector<std::byte>& bytes) {
  BulkArrivals arrivals;
  return receiver.take(bytes, arrivals);
}

}  // namespace

TEST_CASE("transfers of every size arrive whole, with kind and id, however the bytes are cut") {
  const BulkLimits limits;
  for (const std::size_t cut : {1UL, 47UL, 48UL, 49UL, 5'000UL, 10'000'000UL}) {
    BulkSenderCore sender(limits);
    BulkReceiverCore receiver(limits);
    receiver.take_credit();
    REQUIRE(sender.on_credit(0, limits.window_bytes_max, 0).ok());
    const std::size_t sizes[] = {0, 1, 16 * 1024, 16 * 1024 + 1, 90'000};
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
      REQUIRE(sender.add({i, static_cast<std::uint16_t>(i + 7), 1, bytes_of(sizes[i])}).ok());
    }
    std::vector<std::byte> all;
    while (auto piece = sender.next(0)) {
      const auto bytes = flat(*piece);
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    CHECK(sender.queued_bytes() == 0);
    BulkArrivals arrivals;
    for (auto rest = std::span<const std::byte>(all); !rest.empty();) {
      const auto now = rest.first(std::min(cut, rest.size()));
      REQUIRE(receiver.take(now, arrivals).ok());
      rest = rest.subspan(now.size());
    }
    REQUIRE(arrivals.transfers.size() == std::size(sizes));
    for (const BulkReceived& transfer : arrivals.transfers) {
      CHECK(transfer.kind == transfer.id + 7);
      CHECK(std::ranges::equal(transfer.bytes, *bytes_of(sizes[transfer.id])));
    }
    CHECK(receiver.held_bytes() == 0);
  }
}

TEST_CASE("nothing is sent before it is granted, and never more than that") {
  BulkSenderCore sender{BulkLimits{}};
  REQUIRE(sender.add({1, 0, 0, bytes_of(1'000'000)}).ok());
  CHECK_FALSE(sender.next(0));
  REQUIRE(sender.on_credit(0, 40'000, 0).ok());
  CHECK(sender.next(0));
  CHECK(sender.next(0));
  CHECK_FALSE(sender.next(0));
  CHECK(sender.in_flight_bytes() <= 40'000);
  REQUIRE(sender.on_credit(sender.in_flight_bytes(), 80'000, 10).ok());
  CHECK(sender.next(10));
}

TEST_CASE("a credit that goes back or covers what was never sent is refused") {
  BulkSenderCore sender{BulkLimits{}};
  REQUIRE(sender.add({1, 0, 0, bytes_of(1'000'000)}).ok());
  REQUIRE(sender.on_credit(0, 100'000, 0).ok());
  CHECK_FALSE(sender.on_credit(1, 100'000, 0).ok());
  REQUIRE(sender.next(0));
  CHECK(sender.on_credit(16 * 1024, 100'000, 5).ok());
  CHECK_FALSE(sender.on_credit(16 * 1024 - 1, 100'000, 6).ok());
  CHECK_FALSE(sender.on_credit(16 * 1024, 99'999, 6).ok());
}

TEST_CASE("a higher priority goes first, and transfers of one priority take turns") {
  BulkSenderCore sender{BulkLimits{}};
  REQUIRE(sender.on_credit(0, kPlenty, 0).ok());
  const std::size_t piece = sender.rate().piece_bytes();
  REQUIRE(sender.add({1, 0, 0, bytes_of(3 * piece)}).ok());
  REQUIRE(sender.add({2, 0, 0, bytes_of(2 * piece)}).ok());
  std::vector<std::uint64_t> order;
  order.push_back(header_of(*sender.next(0)).id);
  REQUIRE(sender.add({3, 0, 2, bytes_of(2 * piece)}).ok());
  while (auto next = sender.next(0)) order.push_back(header_of(*next).id);
  CHECK(order == std::vector<std::uint64_t>{1, 3, 3, 2, 1, 2, 1});
}

TEST_CASE("what is too large, of no priority or beyond the queue is not taken") {
  BulkLimits limits;
  limits.transfer_bytes_max = 100;
  limits.queue_bytes_max = 250;
  BulkSenderCore sender(limits);
  CHECK(sender.add({1, 0, 0, bytes_of(101)}).error().kind == ErrorKind::refuse);
  CHECK(sender.add({1, 0, 3, bytes_of(1)}).error().kind == ErrorKind::refuse);
  CHECK(sender.add({1, 0, 0, bytes_of(100)}).ok());
  CHECK(sender.add({2, 0, 0, bytes_of(100)}).ok());
  CHECK(sender.add({3, 0, 0, bytes_of(100)}).error().kind == ErrorKind::retry);
  CHECK(sender.queued_bytes() == 200);
}

TEST_CASE("transfers that are open stay within what the receiver holds, whatever is queued") {
  Wire wire;
  wire.limits.open_bytes_max = 200'000;
  wire.limits.open_max = 3;
  wire.sender = BulkSenderCore(wire.limits);
  wire.receiver = BulkReceiverCore(wire.limits);
  wire.bytes_per_second = 100'000'000;
  wire.delay_us = 50;
  // One alone may be larger than the limit of all.
  for (std::uint64_t id = 0; id < 20; ++id) {
    REQUIRE(wire.sender
                .add({id, 0, static_cast<std::uint8_t>(id % 3),
                      bytes_of(id % 5 == 0 ? 300'000 : 90'000)})
                .ok());
  }
  wire.run();  // the receiver would refuse a transfer too many
  CHECK(wire.received.size() == 20);
}

TEST_CASE("the window is a round trip and 20 ms of the bandwidth that there is") {
  struct Case {
    std::uint64_t bytes_per_second, delay_us;
  };
  for (const Case& link : {Case{125'000'000, 100}, Case{12'500'000, 1'000},
                           Case{125'000'000, 30'000}, Case{1'250'000'000, 50}}) {
    Wire wire;
    wire.bytes_per_second = link.bytes_per_second;
    wire.delay_us = link.delay_us;
    const std::uint64_t total = link.bytes_per_second * 2;
    wire.limits.queue_bytes_max = kPlenty;
    wire.sender = BulkSenderCore(wire.limits);
    const SharedBytes bytes = bytes_of(4'000'000);
    for (std::uint64_t id = 0; id * bytes->size() < total; ++id) {
      REQUIRE(wire.sender.add({id, 0, 0, bytes}).ok());
    }
    const std::uint64_t start_us = wire.now_us;
    wire.run();
    const double seconds = static_cast<double>(wire.now_us - start_us) / 1e6;
    const double full = static_cast<double>(total) / static_cast<double>(link.bytes_per_second);
    INFO(link.bytes_per_second << " bytes/s, " << link.delay_us << " us one way: " << seconds);
    CHECK(seconds < 1.1 * full + 0.5);
    // What stands in flight bounds what waits before anything urgent; while it starts it doubles.
    const double round_trip = 2e-6 * static_cast<double>(link.delay_us);
    const double right =
        static_cast<double>(link.bytes_per_second) * (round_trip + std::max(0.020, round_trip));
    CHECK(static_cast<double>(wire.in_flight_max) <
          std::max(1.3 * right + 300'000, 8.0 * 16 * 1024));
  }
}

TEST_CASE("pieces are small on a slow link and large on a fast one") {
  const auto piece_on = [](std::uint64_t bytes_per_second) {
    Wire wire;
    wire.bytes_per_second = bytes_per_second;
    wire.delay_us = 100;
    REQUIRE(wire.sender.add({1, 0, 0, bytes_of(20'000'000)}).ok());
    wire.run();
    return wire.sender.rate().piece_bytes();
  };
  CHECK(piece_on(1'000'000) == 16 * 1024);
  CHECK(piece_on(1'250'000'000) == 256 * 1024);
  const std::uint32_t between = piece_on(30'000'000);
  CHECK(between > 40 * 1024);
  CHECK(between < 120 * 1024);
}

TEST_CASE("a pause of the sender is not taken for a slow link") {
  DeliveryRateCore rate{BulkLimits{}};
  std::uint64_t now = 0, sent = 0;
  const auto send_and_hear = [&](std::uint64_t bytes, bool is_full, std::uint64_t takes_us) {
    sent += bytes;
    rate.on_sent(sent, is_full, now);
    now += takes_us;
    rate.on_consumed(sent, now);
  };
  for (int i = 0; i < 10; ++i) send_and_hear(100'000, true, 1'000);
  const std::uint64_t measured = rate.bytes_per_second();
  CHECK(measured == 100'000'000);
  now += 60'000'000;
  send_and_hear(1'000, false, 1'000);
  CHECK(rate.bytes_per_second() == measured);
  for (int i = 0; i < 3; ++i) {
    now += 60'000'000;
    send_and_hear(100'000, true, 1'000);
    CHECK(rate.bytes_per_second() == measured);
  }
  // A link that became slow is noticed within a second of full use.
  for (int i = 0; i < 200; ++i) send_and_hear(100'000, true, 10'000);
  CHECK(rate.bytes_per_second() == 10'000'000);
}

TEST_CASE("a receiver refuses every piece that no sender sends") {
  BulkLimits limits;
  limits.transfer_bytes_max = 1'000'000;
  limits.open_max = 2;
  limits.open_bytes_max = 1'500'000;
  const auto refused = [&](const std::vector<std::vector<std::byte>>& frames) {
    BulkReceiverCore receiver(limits);
    receiver.take_credit();
    Status last;
    for (const auto& frame : frames) {
      REQUIRE(last.ok());
      last = take(receiver, frame);
    }
    CHECK(receiver.held_bytes() <= 3 * limits.open_bytes_max);
    return !last.ok();
  };
  const auto piece = [](std::uint64_t id, std::uint64_t offset, std::uint64_t total,
                        std::size_t bytes, std::uint8_t priority = 0) {
    return forged({BulkKind::piece, priority, 0, 0, id, offset, total, 0}, bytes);
  };
  CHECK_FALSE(refused({piece(1, 0, 200, 100), piece(1, 100, 200, 100)}));
  CHECK(refused({piece(1, 100, 200, 100)}));                         // never began
  CHECK(refused({piece(1, 0, 200, 100), piece(1, 50, 200, 100)}));   // overlaps
  CHECK(refused({piece(1, 0, 300, 100), piece(1, 200, 300, 100)}));  // leaves a gap
  CHECK(refused({piece(1, 0, 200, 100), piece(1, 0, 200, 100)}));    // begins twice
  CHECK(refused({piece(1, 0, 200, 100), piece(1, 100, 300, 100)}));  // another total
  CHECK(refused({piece(1, 0, 200, 100), piece(1, 100, 200, 100, 1)}));
  CHECK(refused({piece(1, 0, 200, 201)}));  // beyond its total
  CHECK(refused({piece(1, 0, 200, 100), piece(1, 100, 200, 101)}));
  CHECK(refused({piece(1, UINT64_MAX, 200, 100)}));
  CHECK(refused({piece(1, 0, 200, 0)}));          // nothing of something
  CHECK(refused({piece(1, 0, 1'000'001, 100)}));  // too large a transfer
  CHECK(refused({piece(1, 0, UINT64_MAX, 100)}));
  CHECK(refused({piece(1, 0, 900'000, 256 * 1024 + 1)}));  // too large a piece
  CHECK(refused({piece(1, 0, 200, 100, 3)}));              // no such priority
  CHECK(refused({piece(1, 0, 9, 1), piece(2, 0, 9, 1), piece(3, 0, 9, 1)}));
  CHECK(refused({piece(1, 0, 900'000, 1), piece(2, 0, 900'000, 1)}));
  CHECK_FALSE(refused({piece(1, 0, 900'000, 1), piece(2, 0, 900'000, 1, 1)}));
}

TEST_CASE("a bit that flips anywhere closes the link") {
  const auto good = forged({BulkKind::piece, 0, 0, 0, 1, 0, 100, 0}, 100);
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= std::byte{0x10};
    BulkReceiverCore receiver{BulkLimits{}};
    receiver.take_credit();
    INFO("byte " << at);
    CHECK_FALSE(take(receiver, bad).ok());
  }
}

TEST_CASE("more than was granted is refused, and every piece grants more") {
  BulkLimits limits;
  limits.window_bytes_max = 1'000;
  BulkReceiverCore receiver(limits);
  const auto piece = [](std::uint64_t offset, std::size_t bytes) {
    return forged({BulkKind::piece, 0, 0, 0, 1, offset, 100'000, 0}, bytes);
  };
  CHECK_FALSE(take(receiver, piece(0, 1)).ok());  // nothing is granted yet
  BulkReceiverCore second(limits);
  REQUIRE(second.take_credit());
  CHECK_FALSE(second.take_credit());
  REQUIRE(take(second, piece(0, 1'000)).ok());
  const auto credit = decode_bulk_header(*second.take_credit());
  CHECK(credit->offset == 1'000);
  CHECK(credit->total == 2'000);
  CHECK_FALSE(take(second, piece(1'000, 1'001)).ok());
}

TEST_CASE("strangers can make a gate write a bounded number of lines") {
  LogBudget budget;
  int lines = 0;
  for (int i = 0; i < 10'000; ++i) lines += budget.take("x", 0).has_value();
  CHECK(lines == static_cast<int>(LogBudget::kBurst));
  const auto later = budget.take("x", 1'000'000);
  REQUIRE(later);
  CHECK(*later == "x (9936 lines before it were left out)");
  lines = 0;
  for (int i = 0; i < 100; ++i) lines += budget.take("x", 1'000'000).has_value();
  CHECK(lines == static_cast<int>(LogBudget::kPerSecond) - 1);
}
