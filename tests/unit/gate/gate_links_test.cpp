// Links between gates: up, down, numbers, boots, and who may not.

#include <poll.h>

#include "tests/unit/gate/gate_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

using Kind = Told::Kind;

std::string text_of(const GateBytes& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// What the other side of a local stream says next, at least one byte.
GateBytes read_some(const Fd& fd) {
  pollfd waiting{fd.get(), POLLIN, 0};
  REQUIRE(::poll(&waiting, 1, 60'000) == 1);
  GateBytes bytes(64 * 1024);
  const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

void write_to(const Fd& fd, const GateBytes& bytes) {
  REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

GateBytes handshake_of_actors(std::uint8_t operation) {
  GateBytes frame(64);
  frame[0] = std::byte{operation};
  frame[7] = std::byte{32};                      // of payload
  if (operation == 0) frame[15] = std::byte{3};  // version
  const GateBytes node = {std::byte{0x00}, std::byte{0x00}, std::byte{0x3e}, std::byte{0x9a},
                          std::byte{0xab}, std::byte{0x9b}, std::byte{0xac}, std::byte{0x79}};
  std::copy(node.begin(), node.end(), frame.begin() + 32);
  return frame;
}

}  // namespace

TEST_CASE("two gates find each other: up once on both sides, with names, boots and capabilities") {
  TestGate b(options_of_b());
  GateOptions dialler = options_of_a(b->port());
  const Boot boot = dialler.self.boot;
  TestGate a(std::move(dialler));
  const Told up_a = a.next(Kind::up);
  const Told up_b = b.next(Kind::up);
  CHECK(up_a.peer.name == "b");
  CHECK(up_a.is_dialler);
  CHECK(text_of(up_a.peer.capabilities) == "roles of b");
  CHECK(up_b.peer.name == "a");
  CHECK(up_b.peer.boot == boot);
  CHECK_FALSE(up_b.is_dialler);
  CHECK_FALSE(up_b.peer.is_client);
  CHECK(text_of(up_b.peer.capabilities) == "roles of a");
  CHECK(up_a.peer.link == 1);
  CHECK(up_b.peer.link == 1);
  CHECK(b->stats().connections == 2);  // both halves
  CHECK(a.is_quiet());
  CHECK(b.is_quiet());
}

TEST_CASE("bytes of actors pass both ways, once each side has greeted the other") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  const Told up_a = a.next(Kind::up);
  const Told up_b = b.next(Kind::up);
  write_to(*up_a.actors, handshake_of_actors(1));
  CHECK(read_some(*up_b.actors) == handshake_of_actors(1));
  write_to(*up_b.actors, handshake_of_actors(0));
  CHECK(read_some(*up_a.actors) == handshake_of_actors(0));
  GateBytes heartbeat(32);
  heartbeat[0] = std::byte{6};
  write_to(*up_a.actors, heartbeat);
  CHECK(read_some(*up_b.actors) == heartbeat);
}

TEST_CASE("a gate whose actors speak out of turn loses the link, and dials again") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  const Told up_a = a.next(Kind::up);
  b.next(Kind::up);
  write_to(*up_a.actors, GateBytes(32));  // a server's handshake, of no bytes: CAF would crash
  CHECK_THAT(b.next(Kind::down).why, Catch::Matchers::Contains("32 to"));
  a.next(Kind::down);
  CHECK(a.next(Kind::up).peer.link == 2);
  CHECK(b.next(Kind::up).peer.link == 2);
}

TEST_CASE("when actors let go of their end both halves close, and the next link is up") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  Told up_a = a.next(Kind::up);
  b.next(Kind::up);
  *up_a.actors = Fd();
  CHECK_THAT(a.next(Kind::down).why, Catch::Matchers::Contains("let go"));
  CHECK(b.next(Kind::down).peer.link == 1);
  CHECK(a.next(Kind::up).peer.link == 2);
  CHECK(b.next(Kind::up).peer.link == 2);
  CHECK(b.stats_when([](const GateStats& s) { return s.connections == 2; }).downs == 1);
}

TEST_CASE("close() ends one link on both sides, and one of another number ends nothing") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  a.next(Kind::up);
  b.next(Kind::up);
  b->close("a", 9, "no such link");
  b->close("a", 1, "enough");
  CHECK(b.next(Kind::down).why == "enough");
  CHECK(a.next(Kind::down).peer.link == 1);
}

TEST_CASE("a peer that restarts is found again, as another boot, its old link down first") {
  auto b = std::make_unique<TestGate>(options_of_b());
  const std::uint16_t port = (*b)->port();
  TestGate a(options_of_a(port));
  const Boot before = a.next(Kind::up).peer.boot;
  b->next(Kind::up);
  b.reset();
  a.next(Kind::down);
  GateOptions again = options_of_b();
  again.listen_port = port;
  TestGate second(std::move(again));
  const Told up = a.next(Kind::up);
  CHECK(up.peer.boot != before);
  CHECK(up.peer.link > 1);
  second.next(Kind::up);
}

TEST_CASE("a dialler that restarts replaces what is left of its earlier life") {
  TestGate b(options_of_b());
  auto a = std::make_unique<TestGate>(options_of_a(b->port()));
  const Boot before = b.next(Kind::up).peer.boot;
  a.reset();
  CHECK(b.next(Kind::down).peer.boot == before);
  TestGate second(options_of_a(b->port()));
  const Told up = b.next(Kind::up);
  CHECK(up.peer.boot != before);
  CHECK(up.peer.link == 1);
}

TEST_CASE("of two processes under one name the later one stays, and the earlier is told so") {
  TestGate b(options_of_b());
  TestGate first(options_of_a(b->port()));
  const Boot before = b.next(Kind::up).peer.boot;
  first.next(Kind::up);
  TestGate second(options_of_a(b->port()));
  const Told down = b.next(Kind::down);
  CHECK(down.peer.boot == before);
  CHECK_THAT(down.why, Catch::Matchers::Contains("followed by boot"));
  CHECK(b.next(Kind::up).peer.boot != before);
  first.next(Kind::down);
  first.line_with("another process was started under its name");
  CHECK(b.is_quiet());
}

TEST_CASE("a client has a control half only, and many may come") {
  GateOptions node = options_of_b();
  node.limits.clients_max = 2;
  TestGate b(std::move(node));
  const auto client = [&](const char* digits) {
    GateOptions options = options_of(std::string("client-") + digits);
    options.self.kind = PeerKind::client;
    options.listen_host.clear();
    options.peers = {{"b", "127.0.0.1", b->port()}};
    return options;
  };
  TestGate one(client("0000000000000001"));
  const Told up = b.next(Kind::up);
  CHECK(up.peer.is_client);
  CHECK(one.next(Kind::up).peer.name == "b");
  CHECK(b->stats().connections == 1);
  CHECK_FALSE(b->send(up.peer.name, 1, {1, 0, 0, std::make_shared<GateBytes>(10)}));
  TestGate two(client("0000000000000002"));
  two.next(Kind::up);
  b.next(Kind::up);
  TestGate three(client("0000000000000003"));
  three.line_with("2 clients are connected, the most this node takes");
  two.end();
  b.next(Kind::down);
  three.next(Kind::up);
}

TEST_CASE("without the cluster's secret, with another or with none, nobody comes up") {
  GateOptions node = options_of_b();
  node.self.secret = bytes_of("the secret of the cluster");
  TestGate b(node);
  GateOptions wrong = options_of_a(b->port());
  wrong.self.secret = bytes_of("another");
  TestGate with_another(std::move(wrong));
  with_another.line_with("it has another secret");
  with_another.end();
  TestGate with_none(options_of_a(b->port()));
  with_none.line_with("one side has a secret and the other has none");
  with_none.end();
  GateOptions right = options_of_a(b->port());
  right.self.secret = node.self.secret;
  TestGate with_it(std::move(right));
  with_it.next(Kind::up);
  b.next(Kind::up);
  CHECK(b->stats().rejected[static_cast<std::size_t>(Refusal::unproven)] >= 2);
  CHECK(b->stats().ups == 1);
}

TEST_CASE("another cluster, another schema, and names that the config does not know are refused") {
  TestGate b(options_of_b());
  GateOptions stranger = options_of_a(b->port());
  stranger.self.fingerprint = Id{8};
  TestGate other_cluster(std::move(stranger));
  other_cluster.line_with("its cluster has another fingerprint");
  GateOptions newer = options_of_a(b->port());
  newer.self.schema = 2;
  TestGate other_schema(std::move(newer));
  other_schema.line_with("its messages are of schema 2, ours of 1");
  GateOptions unknown = options_of_a(b->port());
  unknown.self.name = "aa";
  TestGate not_listed(std::move(unknown));
  not_listed.line_with("no node 'aa' is in the cluster's config");
  GateOptions misled = options_of_a(b->port());
  misled.peers[0].name = "c";
  TestGate wrong_address(std::move(misled));
  wrong_address.line_with("'c' is not here");
  CHECK(b->stats().ups == 0);
}

TEST_CASE("without a secret a gate speaks on loopback only, and says what to do") {
  GateOptions options = options_of("b");
  options.listen_host = "0.0.0.0";
  const auto refused = [](GateOptions wrong) {
    const auto gate = Gate::start(std::move(wrong), {});
    REQUIRE_FALSE(gate.ok());
    CHECK(gate.error().kind == pecia::kernels::ErrorKind::refuse);
    return gate.error().message;
  };
  CHECK_THAT(refused(options), Catch::Matchers::Contains("set a secret_file"));
  options.listen_host = "127.0.0.1";
  options.peers = {{"c", "192.0.2.1", 4'711}};
  CHECK_THAT(refused(options), Catch::Matchers::Contains("192.0.2.1:4711"));
  options.peers = {{"b", "127.0.0.1", 1}};
  CHECK_THAT(refused(options), Catch::Matchers::Contains("'b' is no name of another node"));
  options.peers.clear();
  options.self.name = "client-1";
  options.self.kind = PeerKind::client;
  CHECK_THAT(refused(options), Catch::Matchers::Contains("client-<16 hex digits>"));
  options = options_of("b");
  options.listen_host = "127.0.0.999";
  CHECK_THAT(refused(options), Catch::Matchers::Contains("127.0.0.999"));
}

TEST_CASE("a port that is taken is an error, and the thread of a gate ticks without work") {
  TestGate b(options_of_b());
  GateOptions second = options_of("c");
  second.listen_port = b->port();
  const auto gate = Gate::start(std::move(second), {});
  REQUIRE_FALSE(gate.ok());
  CHECK(gate.error().kind == pecia::kernels::ErrorKind::retry);
  const std::uint64_t before = b->ticks();
  b.stats_when([&](const GateStats&) { return b->ticks() >= before + 2; });
}

TEST_CASE("a gate that ends tells of every link") {
  TestGate b(options_of_b());
  TestGate a(options_of_a(b->port()));
  a.next(Kind::up);
  b.next(Kind::up);
  a.end();
  CHECK(a.next(Kind::down).why == "the gate ends");
  b.next(Kind::down);
}
