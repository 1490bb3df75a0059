// The wire between the ends of a trial's network, by hand: a packet, a time, and what becomes of
// it.

#include "apps/pecia/wire_core.hpp"

#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

using Packet = std::vector<std::byte>;

constexpr std::size_t kHeads = 40;  // of IP and TCP

// A TCP segment for an end, with so many bytes in all; its last byte tells it from others.
Packet packet_to(std::size_t end, std::size_t bytes, std::uint8_t mark = 0) {
  Packet packet(bytes);
  packet[0] = std::byte{0x45};
  packet[2] = static_cast<std::byte>(bytes >> 8);
  packet[3] = static_cast<std::byte>(bytes & 255);
  packet[9] = std::byte{6};
  packet[16] = std::byte{10};
  packet[17] = std::byte{99};
  packet[19] = static_cast<std::byte>(end + 1);
  packet[32] = std::byte{0x50};
  packet.back() = static_cast<std::byte>(mark);
  return packet;
}

LinkRule cut_rule() {
  LinkRule rule;
  rule.is_cut = true;
  rule.waiting_bytes_max = 1'000;  // there is room, and yet
  return rule;
}

LinkRule delay_rule(std::uint64_t us_min, std::uint64_t us_max, std::size_t waiting_bytes_max) {
  LinkRule rule;
  rule.delay_us_min = us_min;
  rule.delay_us_max = us_max;
  rule.waiting_bytes_max = waiting_bytes_max;
  return rule;
}

LinkRule loss_rule(double share) {
  LinkRule rule;
  rule.loss_share = share;
  rule.waiting_bytes_max = 1 << 20;
  return rule;
}

LinkRule rate_rule(std::uint64_t bytes_per_s, std::size_t waiting_bytes_max) {
  LinkRule rule;
  rule.bytes_per_s = bytes_per_s;
  rule.waiting_bytes_max = waiting_bytes_max;
  return rule;
}

int mark_of(const Packet& packet) { return std::to_integer<int>(packet.back()); }

// Of so many packets, those that a wire of this seed lost.
std::vector<int> lost_of(std::uint64_t seed, double share, int packets) {
  WireCore wire(2, seed);
  wire.set_rule(0, 1, loss_rule(share));
  std::vector<int> lost;
  for (int i = 0; i < packets; ++i) {
    CHECK(!wire.take(0, packet_to(1, 100), 5).has_value());
    if (wire.release(5).empty()) lost.push_back(i);
  }
  return lost;
}

}  // namespace

TEST_CASE("a healthy wire passes a packet at once to the end whose address it bears") {
  WireCore wire(3, 1);
  CHECK(wire.take(0, packet_to(2, 100), 7) == 2);
  CHECK(wire.take(1, packet_to(0, 100), 8) == 0);
  CHECK(!wire.next_us().has_value());
  CHECK(wire.release(1'000).empty());
  CHECK(wire.counts().passed == 2);
  CHECK(address_of_end(0) == "10.99.0.1");
}

TEST_CASE("what is no packet for another end goes nowhere, however it is broken") {
  WireCore wire(2, 1);
  const Packet whole = packet_to(1, 60);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
    CHECK(!wire.take(0, {whole.data(), bytes}, 1).has_value());
  CHECK(wire.counts().unread == 60);
  for (const std::size_t at : {0, 16, 17, 18, 19}) {
    Packet broken = whole;
    broken[at] = std::byte{0xFF};
    CHECK(!wire.take(0, broken, 1).has_value());
  }
  CHECK(!wire.take(1, whole, 1).has_value());  // to itself
  CHECK(!wire.take(0, packet_to(2, 60), 1).has_value());
  CHECK(wire.counts().unread == 67);
  CHECK(wire.take(0, whole, 1) == 1);
}

TEST_CASE("data is told from a mere acknowledgement, and options of a head are no data") {
  CHECK(!read_head(packet_to(1, kHeads), 2)->carries_data);
  CHECK(read_head(packet_to(1, kHeads + 1), 2)->carries_data);
  Packet with_options = packet_to(1, kHeads + 12);
  with_options[32] = std::byte{0x80};
  CHECK(!read_head(with_options, 2)->carries_data);
  Packet no_tcp = packet_to(1, kHeads + 1);
  no_tcp[9] = std::byte{17};
  CHECK(!read_head(no_tcp, 2)->carries_data);
}

TEST_CASE("a cut loses one way alone, with all that waited there, until it heals") {
  WireCore wire(2, 1);
  wire.set_rule(0, 1, delay_rule(50, 50, 1'000));
  CHECK(!wire.take(0, packet_to(1, 100), 0).has_value());
  wire.set_rule(0, 1, cut_rule());
  CHECK(wire.waiting_bytes(0, 1) == 0);
  CHECK(!wire.take(0, packet_to(1, 100), 1).has_value());
  CHECK(wire.take(1, packet_to(0, 100), 1) == 0);
  CHECK(wire.release(1'000'000).empty());
  CHECK(wire.counts().lost == 2);
  wire.set_rule(0, 1, {});
  CHECK(wire.take(0, packet_to(1, 100), 2) == 1);
}

TEST_CASE("late packets come within their bounds and in order, and none before its time") {
  WireCore wire(2, 9);
  wire.set_rule(0, 1, delay_rule(1'000, 3'000, 1 << 20));
  std::vector<std::uint64_t> sent_us;
  int next = 0;
  std::uint64_t delay_min_us = UINT64_MAX, delay_max_us = 0;
  for (std::uint64_t now_us = 0; now_us < 60'000; now_us += 50) {
    for (const auto& one : wire.release(now_us)) {
      CHECK(one.to == 1);
      CHECK(mark_of(one.packet) == next % 256);
      const std::uint64_t delay_us = now_us - sent_us[static_cast<std::size_t>(next++)];
      delay_min_us = std::min(delay_min_us, delay_us);
      delay_max_us = std::max(delay_max_us, delay_us);
    }
    if (now_us % 500 != 0 || now_us >= 50'000) continue;
    CHECK(!wire.take(0, packet_to(1, 100, sent_us.size() % 256), now_us).has_value());
    sent_us.push_back(now_us);
    CHECK(*wire.next_us() > now_us);
  }
  CHECK(next == 100);
  CHECK(delay_min_us >= 1'000);
  CHECK(delay_min_us < 2'000);
  CHECK(delay_max_us > 2'000);
  CHECK(delay_max_us < 3'050);
}

TEST_CASE("so many packets are lost as the rule says, the same ones for the same seed") {
  for (const double share : {0.01, 0.2}) {
    const auto lost = lost_of(3, share, 10'000);
    CHECK(static_cast<double>(lost.size()) > 0.8 * share * 10'000);
    CHECK(static_cast<double>(lost.size()) < 1.2 * share * 10'000);
    CHECK(lost == lost_of(3, share, 10'000));
    CHECK(lost != lost_of(4, share, 10'000));
  }
}

TEST_CASE("a slow line sends its bucket at once, then so many bytes a second") {
  WireCore wire(2, 1);
  wire.set_rule(0, 1, rate_rule(1'000'000, 1 << 20));
  constexpr std::uint64_t kStart = 5'000'000;
  for (int i = 0; i < 100; ++i) CHECK(!wire.take(0, packet_to(1, 1'000), kStart).has_value());
  std::uint64_t last_us = kStart;
  std::size_t sent = wire.release(kStart).size();
  CHECK(sent == kBurstBytes / 1'000);
  for (std::uint64_t now_us = kStart; sent < 100 && now_us < 2 * kStart; now_us += 100) {
    const std::size_t more = wire.release(now_us).size();
    CHECK(more <= 1);
    sent += more;
    if (more > 0) last_us = now_us;
  }
  CHECK(sent == 100);
  // A byte a microsecond, less the bucket.
  CHECK(last_us - kStart >= 100'000 - kBurstBytes);
  CHECK(last_us - kStart <= 100'000 - kBurstBytes + 100);
  CHECK(!wire.take(0, packet_to(1, 1'000), last_us).has_value());
  CHECK(*wire.next_us() > last_us);  // the bucket is empty
}

TEST_CASE("what finds no room is lost, and what waits has its bound") {
  WireCore wire(2, 1);
  wire.set_rule(0, 1, delay_rule(1'000, 1'000, 350));
  for (int mark = 0; mark < 5; ++mark)
    CHECK(!wire.take(0, packet_to(1, 100, static_cast<std::uint8_t>(mark)), 0).has_value());
  CHECK(wire.waiting_bytes(0, 1) == 300);
  CHECK(wire.counts().lost == 2);
  const auto released = wire.release(1'000);
  REQUIRE(released.size() == 3);
  CHECK(mark_of(released.back().packet) == 2);
  CHECK(wire.waiting_bytes(0, 1) == 0);
  CHECK(wire.counts().waited == 3);
}

TEST_CASE("healed, what waited goes first, and nothing overtakes it") {
  WireCore wire(2, 1);
  wire.set_rule(0, 1, delay_rule(50'000, 50'000, 1'000));
  CHECK(!wire.take(0, packet_to(1, 100, 1), 10).has_value());
  wire.set_rule(0, 1, {});
  CHECK(!wire.take(0, packet_to(1, 100, 2), 20).has_value());
  CHECK(*wire.next_us() <= 20);
  const auto released = wire.release(20);
  REQUIRE(released.size() == 2);
  CHECK(mark_of(released[0].packet) == 1);
  CHECK(mark_of(released[1].packet) == 2);
  CHECK(wire.take(0, packet_to(1, 100), 30) == 1);
}

TEST_CASE("when data last went a way is known, however it went") {
  WireCore wire(2, 1);
  CHECK(wire.take(0, packet_to(1, kHeads), 5) == 1);
  CHECK(wire.spoke_us(0, 1) == 0);
  CHECK(wire.take(0, packet_to(1, 100), 7) == 1);
  CHECK(wire.spoke_us(0, 1) == 7);
  CHECK(wire.spoke_us(1, 0) == 0);
  wire.set_rule(0, 1, delay_rule(50, 50, 1'000));
  CHECK(!wire.take(0, packet_to(1, 100), 10).has_value());
  CHECK(wire.spoke_us(0, 1) == 7);
  CHECK(wire.release(60).size() == 1);
  CHECK(wire.spoke_us(0, 1) == 60);
}
