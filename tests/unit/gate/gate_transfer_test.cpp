// Bulk transfers between gates, and the seam of stages.

#include <algorithm>
#include <set>

#include "tests/unit/gate/gate_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

using Kind = Told::Kind;

SharedBytes pattern(std::size_t count, unsigned seed) {
  auto bytes = std::make_shared<GateBytes>(count);
  for (std::size_t i = 0; i < count; ++i) {
    (*bytes)[i] = static_cast<std::byte>((i * 7 + i / 1'000 + seed) & 0xFF);
  }
  return bytes;
}

// Takes turns with the alphabet of its key; says so when the other end has another.
class Scrambler : public Stage {
 public:
  explicit Scrambler(std::byte key) : key_(key) {}
  pecia::kernels::Status outbound(std::span<const std::byte> bytes, GateBytes& out) override {
    for (const std::byte byte : bytes) out.push_back(byte ^ key_);
    return {};
  }
  pecia::kernels::Status inbound(std::span<const std::byte> bytes, GateBytes& out) override {
    return outbound(bytes, out);
  }

 private:
  std::byte key_;
};

MakeStage scrambler(int key) {
  return [key](bool) { return std::make_unique<Scrambler>(static_cast<std::byte>(key)); };
}

}  // namespace

TEST_CASE("a transfer of 64 MiB arrives bit for bit, with its kind and its id") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  a.next(Kind::up);
  b.next(Kind::up);
  const SharedBytes bytes = pattern(64 * 1024 * 1024, 1);
  REQUIRE(a->send("b", 1, {77, 5, 1, bytes}));
  const Told told = b.next(Kind::received);
  CHECK(told.peer.name == "a");
  CHECK(told.transfer.id == 77);
  CHECK(told.transfer.kind == 5);
  CHECK(std::ranges::equal(told.transfer.bytes, *bytes));
  CHECK(a->bulk_stats("b").has_value());
}

TEST_CASE("transfers go both ways at once, the empty one too, each once") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  a.next(Kind::up);
  b.next(Kind::up);
  constexpr unsigned kTransfers = 60;
  const auto size_of = [](unsigned id) { return id * 20'011UL; };
  for (unsigned id = 0; id < kTransfers; ++id) {
    const auto priority = static_cast<std::uint8_t>(id % 3);
    REQUIRE(a->send("b", 1, {id, 1, priority, pattern(size_of(id), id)}));
    REQUIRE(b->send("a", 1, {id, 2, priority, pattern(size_of(id), id + 1)}));
  }
  for (TestGate* gate : {&a, &b}) {
    std::set<std::uint64_t> ids;
    const unsigned shift = gate == &a ? 1 : 0;
    for (unsigned i = 0; i < kTransfers; ++i) {
      const BulkReceived transfer = gate->next(Kind::received).transfer;
      CHECK(ids.insert(transfer.id).second);
      const auto id = static_cast<unsigned>(transfer.id);
      CHECK(std::ranges::equal(transfer.bytes, *pattern(size_of(id), id + shift)));
    }
    CHECK(gate->is_quiet());
  }
}

TEST_CASE("what has no link, is too large or finds the queue full is not taken") {
  TestGate b(options_of_b());
  GateOptions options = options_of_a(b->port());
  options.limits.bulk.queue_bytes_max = 30 * 1024 * 1024;
  options.limits.bulk.transfer_bytes_max = 20 * 1024 * 1024;
  TestGate a(std::move(options));
  CHECK_FALSE(a->send("c", 1, {1, 0, 0, pattern(10, 0)}));
  a.next(Kind::up);
  const Told up = b.next(Kind::up);
  CHECK_FALSE(a->send("b", 2, {1, 0, 0, pattern(10, 0)}));
  CHECK_FALSE(a->send("b", 1, {1, 0, 3, pattern(10, 0)}));
  CHECK_FALSE(a->send("b", 1, {1, 0, 0, pattern(20 * 1024 * 1024 + 1, 0)}));
  const SharedBytes bytes = pattern(20 * 1024 * 1024, 0);
  std::uint64_t taken = 0;
  while (a->send("b", 1, {taken, 0, 0, bytes})) REQUIRE(++taken < 1'000);
  for (std::uint64_t i = 0; i < taken; ++i) b.next(Kind::received);
  // The queue is empty again, and is counted so.
  a.stats_when([&](const GateStats&) { return a->bulk_stats("b")->queued_bytes == 0; });
  CHECK(a->send("b", 1, {taken, 0, 0, bytes}));
}

TEST_CASE("a link that ends in the middle of a transfer is down, and the next one begins anew") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  a.next(Kind::up);
  b.next(Kind::up);
  for (std::uint64_t id = 0; id < 4; ++id) {
    REQUIRE(a->send("b", 1, {id, 0, 0, pattern(60 * 1024 * 1024, 0)}));
  }
  b->close("a", 1, "enough");
  Told told = b.next();
  while (told.kind == Kind::received) told = b.next();
  CHECK(told.why == "enough");
  a.next(Kind::down);
  CHECK_FALSE(a->send("b", 1, {9, 0, 0, pattern(10, 0)}));
  a.next(Kind::up);
  CHECK(b.next(Kind::up).peer.link == 2);
  REQUIRE(a->send("b", 2, {0, 0, 0, pattern(100'000, 3)}));
  CHECK(std::ranges::equal(b.next(Kind::received).transfer.bytes, *pattern(100'000, 3)));
}

TEST_CASE("every byte of both halves passes the stages, in order and back") {
  GateOptions options = options_of_b();
  options.stages = {scrambler(0x55), scrambler(0x0F)};
  TestGate b(options);
  GateOptions same = options_of_a(b->port());
  same.stages = options.stages;
  TestGate a(std::move(same));
  a.next(Kind::up);
  b.next(Kind::up);
  const SharedBytes bytes = pattern(5'000'000, 1);
  REQUIRE(a->send("b", 1, {1, 0, 0, bytes}));
  REQUIRE(b->send("a", 1, {1, 0, 0, bytes}));
  CHECK(std::ranges::equal(b.next(Kind::received).transfer.bytes, *bytes));
  CHECK(std::ranges::equal(a.next(Kind::received).transfer.bytes, *bytes));
}

TEST_CASE("a peer with other stages is no peer") {
  GateOptions options = options_of_b();
  options.stages = {scrambler(0x55)};
  TestGate b(options);
  TestGate a(options_of_a(b->port()));
  b.line_with("its first bytes are not those of a pecia node");
  a.line_with("no link to 'b'");
  CHECK(b.is_quiet());
}
