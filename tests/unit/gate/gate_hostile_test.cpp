// A gate among strangers: whatever they send, the node lives, its memory is bounded, and real
// peers come through.

#include <sys/resource.h>

#include "tests/unit/gate/gate_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

using Kind = Told::Kind;

std::uint64_t rejected(const GateStats& stats, Refusal refusal) {
  return stats.rejected[static_cast<std::size_t>(refusal)];
}

// A real peer still gets in.
void check_lives(TestGate& b, const GateBytes& secret = {}) {
  GateOptions options = options_of_a(b->port());
  options.self.secret = secret;
  TestGate a(std::move(options));
  a.next(Kind::up);
  b.next(Kind::up);
  a.end();
  b.next(Kind::down);
}

GateBytes noise(std::size_t count, std::uint64_t seed) {
  GateBytes bytes(count);
  for (std::byte& byte : bytes) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    byte = static_cast<std::byte>(seed >> 56);
  }
  return bytes;
}

GateSelf self_of_a() { return options_of("a").self; }

// A peer that knows the protocol, in the hands of a test: both halves admitted.
struct HostilePeer {
  explicit HostilePeer(std::uint16_t port, LinkNumber link = 1)
      : self(self_of_a()), control(port), bulk(port) {
    is_up = shake(control, Part::control, link) && shake(bulk, Part::bulk, link);
  }
  bool shake(const Stranger& half, Part part, LinkNumber link) {
    auto core = HandshakeCore::dial(self, {"b", link, part}, {std::byte{9}},
                                    [](const PeerIdentity&) { return pecia::kernels::Status(); });
    return shake_hands(half, core);
  }
  GateSelf self;
  Stranger control, bulk;
  bool is_up = false;
};

}  // namespace

TEST_CASE("random bytes, other protocols and crash headers at the door are one line each") {
  TestGate b(options_of_b());
  std::vector<GateBytes> inputs = {noise(4'096, 1), noise(32, 2), noise(9, 3),
                                   bytes_of("GET / HTTP/1.1\r\nHost: b\r\n\r\n"),
                                   bytes_of("\x16\x03\x01\x02\x01\x01\xfc\x03\x03")};
  GateBytes crash(32);  // a handshake of actors, without payload
  inputs.push_back(crash);
  crash[0] = std::byte{1};
  inputs.push_back(crash);
  for (std::size_t i = 4; i < 8; ++i) crash[i] = std::byte{0xFF};
  inputs.push_back(crash);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Stranger stranger(b->port());
    stranger.send(inputs[i]);
    CHECK(stranger.read_to_end().empty());  // closed, and told nothing
    b.stats_when([&](const GateStats& s) {
      return rejected(s, Refusal::malformed) == i + 1 && s.connections == 0;
    });
  }
  CHECK(b.lines() == inputs.size());
  check_lives(b);
}

TEST_CASE("noise behind a right beginning ends the handshake at once") {
  TestGate b(options_of_b());
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Stranger stranger(b->port());
    const auto first = handshake::preamble(seed % 2 == 0 ? Part::control : Part::bulk);
    GateBytes bytes(first.begin(), first.end());
    const GateBytes more = noise(20'000, seed);
    bytes.insert(bytes.end(), more.begin(), more.end());
    stranger.send(bytes);
    stranger.read_to_end();
  }
  b.stats_when([](const GateStats& s) { return s.connections == 0; });
  CHECK(b->stats().ups == 0);
  check_lives(b);
}

TEST_CASE("silent, half and dribbling handshakes are closed by their deadline") {
  GateOptions options = options_of_b();
  options.limits.handshake_ms = 50;
  TestGate b(std::move(options));
  const Stranger silent(b->port());
  const Stranger half(b->port());
  half.send(handshake::preamble(Part::control));
  const Stranger after_hello(b->port());
  const GateSelf self = self_of_a();
  auto core = HandshakeCore::dial(self, {"b", 1, Part::control}, {}, {});
  after_hello.send(core.take_output());
  CHECK(after_hello.read_to_end().size() > 0);  // its challenge, then the end
  CHECK(silent.read_to_end().empty());
  CHECK(half.read_to_end().empty());
  const GateStats stats = b.stats_when([](const GateStats& s) { return s.connections == 0; });
  CHECK(stats.timed_out == 3);
  CHECK(b.lines() == 3);
}

TEST_CASE("an admitted control half without its bulk half is closed by its deadline") {
  GateOptions options = options_of_b();
  options.limits.handshake_ms = 50;
  options.limits.dial_ms = 50;
  TestGate b(std::move(options));
  const Stranger control(b->port());
  const GateSelf self = self_of_a();
  auto core = HandshakeCore::dial(self, {"b", 1, Part::control}, {},
                                  [](const PeerIdentity&) { return pecia::kernels::Status(); });
  REQUIRE(shake_hands(control, core));
  CHECK(control.read_to_end().empty());
  CHECK(b.stats_when([](const GateStats& s) { return s.connections == 0; }).ups == 0);
  CHECK(b.is_quiet());
}

TEST_CASE("a bulk half without a control half is refused, and so is a second one") {
  TestGate b(options_of_b());
  const GateSelf self = self_of_a();
  const auto anyone = [](const PeerIdentity&) { return pecia::kernels::Status(); };
  const Stranger alone(b->port());
  auto core = HandshakeCore::dial(self, {"b", 1, Part::bulk}, {}, anyone);
  CHECK_FALSE(shake_hands(alone, core));
  HostilePeer peer(b->port(), 2);
  REQUIRE(peer.is_up);
  b.next(Kind::up);
  const Stranger second(b->port());
  auto again = HandshakeCore::dial(peer.self, {"b", 2, Part::bulk}, {}, anyone);
  CHECK_FALSE(shake_hands(second, again));
  CHECK(b.is_quiet());
}

TEST_CASE("more silent connections than fit push each other out, and a peer gets through") {
  GateOptions options = options_of_b();
  options.limits.handshakes_max = 4;
  options.limits.connections_max = 8;
  options.limits.handshake_ms = 60'000;
  TestGate b(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(std::make_unique<Stranger>(b->port()));
  const GateStats stats = b.stats_when([](const GateStats& s) { return s.accepted == 40; });
  CHECK(stats.connections == 4);
  CHECK(stats.evicted == 36);
  check_lives(b);
}

TEST_CASE("beyond the cap of connections the next is closed as it comes") {
  GateOptions options = options_of_b();
  options.limits.connections_max = 2;  // one link of a node
  TestGate b(std::move(options));
  HostilePeer peer(b->port());
  REQUIRE(peer.is_up);
  b.next(Kind::up);
  const Stranger one_more(b->port());
  CHECK(one_more.read_to_end().empty());
  CHECK(b.stats_when([](const GateStats& s) { return s.over_cap == 1; }).connections == 2);
  b.line_with("the most this node takes");
  CHECK(b.is_quiet());
}

TEST_CASE("the words of an admitted peer, replayed to the gate, open nothing") {
  GateOptions options = options_of_b();
  options.self.secret = bytes_of("secret");
  TestGate b(options);
  GateSelf self = self_of_a();
  self.secret = options.self.secret;
  GateBytes words;
  {
    const Stranger real(b->port());
    auto core = HandshakeCore::dial(self, {"b", 1, Part::control}, {},
                                    [](const PeerIdentity&) { return pecia::kernels::Status(); });
    for (;;) {
      const GateBytes output = core.take_output();
      words.insert(words.end(), output.begin(), output.end());
      real.send(output);
      if (core.wanted() == 0) break;
      const GateBytes bytes = real.read(core.wanted());
      REQUIRE_FALSE(bytes.empty());
      core.take(bytes);
    }
  }
  const Stranger thief(b->port());
  thief.send(words);
  thief.read_to_end();
  b.stats_when([](const GateStats& s) { return rejected(s, Refusal::unproven) == 1; });
  CHECK(b->stats().ups == 0);
  check_lives(b, options.self.secret);
}

TEST_CASE("hostile frames of an admitted peer close its link once, both halves, and nothing else") {
  TestGate b(options_of_b());
  const auto header = [](int operation, std::uint32_t payload) {
    GateBytes frame(32);
    frame[0] = static_cast<std::byte>(operation);
    for (int i = 0; i < 4; ++i) {
      frame[static_cast<std::size_t>(4 + i)] =
          static_cast<std::byte>((payload >> (8 * (3 - i))) & 0xFF);
    }
    return frame;
  };
  LinkNumber link = 0;
  std::vector<GateBytes> inputs = {header(0, 0), header(1, 0), header(2, 0xFFFFFFFF), header(6, 0),
                                   noise(4'096, 7)};
  for (const GateBytes& bytes : inputs) {
    HostilePeer peer(b->port(), ++link);
    REQUIRE(peer.is_up);
    CHECK(b.next(Kind::up).peer.name == "a");
    peer.control.send(bytes);
    b.next(Kind::down);
    CHECK(peer.control.read_to_end().empty());
    peer.bulk.read_to_end();
  }
  CHECK(b->stats().connections == 0);
  check_lives(b);
}

TEST_CASE("hostile bulk of an admitted peer closes its link once") {
  TestGate b(options_of_b());
  std::vector<GateBytes> inputs = {noise(1'000, 3)};
  const auto piece = [](BulkHeader forged) {
    const BulkHeaderBytes bytes = encode(forged);
    return GateBytes(bytes.begin(), bytes.end());
  };
  inputs.push_back(piece({BulkKind::piece, 0, 0, 0xFFFFFFFF, 1, 0, UINT64_MAX, 0}));
  inputs.push_back(piece({BulkKind::piece, 0, 0, 100, 1, 100, 200, 0}));
  inputs.push_back(piece({BulkKind::credit, 0, 0, 0, 0, 1'000, 2'000, 0}));
  LinkNumber link = 0;
  for (const GateBytes& bytes : inputs) {
    HostilePeer peer(b->port(), ++link);
    REQUIRE(peer.is_up);
    b.next(Kind::up);
    peer.bulk.send(bytes);
    CHECK_THAT(b.next(Kind::down).why, Catch::Matchers::Contains("bulk"));
    peer.control.read_to_end();
  }
  check_lives(b);
}

TEST_CASE("a peer that takes nothing loses its link when too much waits for it") {
  GateOptions options = options_of_b();
  options.limits.link_bytes_max = 1024 * 1024;
  options.limits.control_payload_bytes_max = 1024 * 1024;
  options.limits.link_stall_ms = 60'000;
  TestGate b(std::move(options));
  HostilePeer peer(b->port());
  REQUIRE(peer.is_up);
  const Told up = b.next(Kind::up);
  // Our own actors write without end; the peer's kernel takes some megabytes, then nothing.
  ::fcntl(up.actors->get(), F_SETFL, 0);
  const GateBytes bytes(256 * 1024);
  while (::send(up.actors->get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
  }
  CHECK_THAT(b.next(Kind::down).why, Catch::Matchers::Contains("bytes wait for it"));
}

TEST_CASE("half-open strangers cost no processor time") {
  GateOptions options = options_of_b();
  options.limits.handshake_ms = 600'000;
  TestGate b(std::move(options));
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 20; ++i) {
    crowd.push_back(std::make_unique<Stranger>(b->port()));
    crowd.back()->send(handshake::preamble(Part::control));
  }
  b.stats_when([](const GateStats& s) { return s.accepted == 20; });
  HostilePeer peer(b->port());  // and one whose control half never reads
  b.next(Kind::up);
  // A loop that spins would tick by the hundred thousand until the timer has fired so often.
  const std::uint64_t before = b->ticks();
  const std::uint64_t from = pecia::actors::steady_ms();
  b.stats_when([&](const GateStats&) { return b->ticks() >= before + 5; });
  const std::uint64_t passed_ms = pecia::actors::steady_ms() - from;
  CHECK(b->ticks() - before <= passed_ms / 200 + 3);
}
