// The handshake as a pure state machine, both sides, and the rules of names, boots and links.

#include "runtime/gate/handshake_core.hpp"

#include <functional>

#include "runtime/gate/links_core.hpp"
#include "tests/catch.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::handshake;
namespace kernels = pecia::kernels;

namespace {

GateBytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return GateBytes(bytes.begin(), bytes.end());
}

GateSelf self_of(NodeName name) {
  GateSelf self;
  self.name = std::move(name);
  self.boot = 0xB007;
  self.schema = 1;
  self.fingerprint = Id{1, 2, 3};
  self.secret = bytes_of("secret");
  self.capabilities = bytes_of("can");
  return self;
}

Nonce nonce_of(int value) {
  Nonce nonce{};
  nonce[0] = static_cast<std::byte>(value);
  return nonce;
}

kernels::Status anyone(const PeerIdentity&) { return {}; }

// Both sides and what travels between them; `alter` may change a message on its way.
struct Pair {
  GateSelf a = self_of("a");
  GateSelf b = self_of("b");
  Part part = Part::control;
  PeerJudge judge_of_a = anyone;
  PeerJudge judge_of_b = anyone;
  NodeName expected = "b";
  std::function<void(GateBytes&, bool from_dialler)> alter = [](GateBytes&, bool) {};
  std::size_t piece = 1'000'000;  // bytes that arrive at once
  std::vector<GateBytes> sent;    // by both sides, in order

  void deliver(HandshakeCore& from, HandshakeCore& to, bool from_dialler) {
    GateBytes bytes = from.take_output();
    if (bytes.empty()) return;
    alter(bytes, from_dialler);
    sent.push_back(bytes);
    auto rest = std::span<const std::byte>(bytes);
    while (!rest.empty() && to.wanted() > 0) {
      const std::size_t count = std::min({rest.size(), to.wanted(), piece});
      to.take(rest.first(count));
      rest = rest.subspan(count);
    }
  }

  // Outcomes of dialler and acceptor.
  std::pair<HandshakeCore::Outcome, HandshakeCore::Outcome> run() {
    auto dialler = HandshakeCore::dial(a, {expected, 5, part}, nonce_of(1), judge_of_a);
    auto acceptor = HandshakeCore::accept(b, nonce_of(2), judge_of_b);
    for (int i = 0; i < 4; ++i) {
      deliver(dialler, acceptor, true);
      deliver(acceptor, dialler, false);
    }
    return {dialler.outcome(), acceptor.outcome()};
  }
};

Refusal refusal_of(const HandshakeCore::Outcome& outcome) {
  REQUIRE(std::holds_alternative<Rejected>(outcome));
  CHECK_FALSE(std::get<Rejected>(outcome).why.empty());
  return std::get<Rejected>(outcome).refusal;
}
std::string why_of(const HandshakeCore::Outcome& outcome) {
  return std::get<Rejected>(outcome).why;
}
bool is_admitted(const HandshakeCore::Outcome& outcome) {
  return std::holds_alternative<Admitted>(outcome);
}

PeerIdentity node(NodeName name, Boot boot, LinkNumber link, Part part = Part::control) {
  return {std::move(name), boot, link, PeerKind::node, part};
}

}  // namespace

TEST_CASE("both sides learn name, boot, link and capabilities, however the bytes are cut") {
  for (const std::size_t piece : {1UL, 2UL, 7UL, 1'000'000UL}) {
    Pair pair;
    pair.piece = piece;
    pair.part = Part::bulk;
    const auto [dialler, acceptor] = pair.run();
    REQUIRE(is_admitted(dialler));
    REQUIRE(is_admitted(acceptor));
    CHECK(std::get<Admitted>(dialler).peer == node("b", 0xB007, 5, Part::bulk));
    CHECK(std::get<Admitted>(acceptor).peer == node("a", 0xB007, 5, Part::bulk));
    CHECK(std::get<Admitted>(dialler).capabilities == bytes_of("can"));
  }
}

TEST_CASE("without a secret nobody proves anything and both are admitted") {
  Pair pair;
  pair.a.secret.clear();
  pair.b.secret.clear();
  const auto [dialler, acceptor] = pair.run();
  CHECK(is_admitted(dialler));
  CHECK(is_admitted(acceptor));
}

TEST_CASE("another secret, or a secret on one side only, is refused") {
  for (const bool at_dialler : {false, true}) {
    for (const char* secret : {"", "other"}) {
      Pair pair;
      (at_dialler ? pair.a : pair.b).secret = bytes_of(secret);
      const auto [dialler, acceptor] = pair.run();
      CHECK(refusal_of(acceptor) == Refusal::unproven);
      CHECK(refusal_of(dialler) == Refusal::refused);
    }
  }
}

TEST_CASE("an acceptor without the secret is not admitted either") {
  Pair pair;
  // It takes any proof, but cannot make its own: its welcome comes with a wrong one.
  pair.alter = [](GateBytes& bytes, bool from_dialler) {
    const bool is_welcome = !from_dialler && bytes[2] == static_cast<std::byte>(Kind::welcome);
    if (is_welcome) bytes[bytes.size() - 6] ^= std::byte{1};  // the last of the mac
  };
  const auto [dialler, acceptor] = pair.run();
  CHECK(refusal_of(dialler) == Refusal::unproven);
  CHECK_FALSE(is_admitted(acceptor));
}

TEST_CASE("a proof holds for its nonces alone, and cannot be replayed") {
  Pair before;
  before.run();
  // The whole of the dialler's earlier words, to an acceptor that draws another nonce.
  auto acceptor = HandshakeCore::accept(before.b, nonce_of(3), anyone);
  for (const GateBytes& bytes : {before.sent[0], before.sent[2], before.sent[4]}) {
    auto rest = std::span<const std::byte>(bytes);
    while (!rest.empty() && acceptor.wanted() > 0) {
      const std::size_t count = std::min(rest.size(), acceptor.wanted());
      acceptor.take(rest.first(count));
      rest = rest.subspan(count);
    }
  }
  CHECK(refusal_of(acceptor.outcome()) == Refusal::unproven);
}

TEST_CASE("a proof is of one side and one part: neither reflected nor moved to the other half") {
  const Pair pair;
  const Identity identity{1, pair.a.fingerprint, node("a", 1, 1)};
  Transcript control{Part::control, encode(Hello{identity, "b", nonce_of(1)}),
                     encode(Challenge{nonce_of(2)})};
  Transcript bulk = control;
  bulk.part = Part::bulk;
  const GateBytes& secret = pair.a.secret;
  CHECK(mac_of_dialler(secret, control) == mac_of_dialler(secret, control));
  CHECK(mac_of_dialler(secret, control) != mac_of_dialler(secret, bulk));
  CHECK(mac_of_dialler(secret, control) != mac_of_acceptor(secret, control, identity));
  Identity other = identity;
  other.peer.link = 2;
  CHECK(mac_of_acceptor(secret, control, identity) != mac_of_acceptor(secret, control, other));
  control.hello = encode(Hello{other, "b", nonce_of(1)});
  CHECK(mac_of_dialler(secret, control) != mac_of_dialler(secret, bulk));
  CHECK(mac_of_dialler({}, control).empty());
}

TEST_CASE("every bit of the dialler's hello is proven: changed on the way it is refused") {
  const Pair pair;
  auto dialler = HandshakeCore::dial(pair.a, {"b", 5, Part::control}, nonce_of(1), anyone);
  const std::size_t size = dialler.take_output().size();
  for (std::size_t at = 0; at < size; ++at) {
    Pair changed;
    bool is_first = true;
    changed.alter = [&](GateBytes& bytes, bool from_dialler) {
      if (from_dialler && std::exchange(is_first, false)) bytes[at] ^= std::byte{1};
    };
    const auto [a, b] = changed.run();
    INFO("byte " << at);
    CHECK_FALSE(is_admitted(a));
    CHECK_FALSE(is_admitted(b));
  }
}

TEST_CASE(
    "another cluster, schema, version or part is refused in a word, and no pecia not at all") {
  Pair pair;
  pair.a.fingerprint = Id{9};
  CHECK(refusal_of(pair.run().second) == Refusal::stranger);
  Pair older;
  older.a.schema = 0;
  CHECK(why_of(older.run().first) == "its messages are of schema 0, ours of 1");
  Pair version;
  version.alter = [](GateBytes& bytes, bool from_dialler) {
    if (from_dialler && bytes.size() > 8) bytes[6] = std::byte{9};
  };
  CHECK_THAT(why_of(version.run().first), Catch::Matchers::Contains("version 1"));
  auto acceptor = HandshakeCore::accept(pair.b, nonce_of(2), anyone);
  acceptor.take(bytes_of("GET / HT"));
  CHECK(refusal_of(acceptor.outcome()) == Refusal::malformed);
  CHECK(acceptor.take_output().empty());
  CHECK(acceptor.wanted() == 0);
}

TEST_CASE("who is there must be who was dialled, and who is dialled must be meant") {
  Pair pair;
  pair.expected = NodeName("c");
  const auto [dialler, acceptor] = pair.run();
  CHECK(refusal_of(acceptor) == Refusal::unwanted);
  CHECK(why_of(dialler) == "'c' is not here");
}

TEST_CASE("a nonce that comes back is no proof of anybody") {
  const Pair pair;
  auto dialler = HandshakeCore::dial(pair.a, {"b", 5, Part::control}, nonce_of(1), anyone);
  const GateBytes dialler_words = dialler.take_output();
  const GateBytes echo = encode(Challenge{nonce_of(1)});
  dialler.take(std::span(echo).first(2));
  dialler.take(std::span(echo).subspan(2));
  CHECK(refusal_of(dialler.outcome()) == Refusal::unproven);
  auto acceptor = HandshakeCore::accept(pair.b, nonce_of(1), anyone);
  for (const GateBytes& bytes : {GateBytes(dialler_words.begin(), dialler_words.begin() + 8),
                                 GateBytes(dialler_words.begin() + 8, dialler_words.begin() + 10),
                                 GateBytes(dialler_words.begin() + 10, dialler_words.end())}) {
    acceptor.take(bytes);
  }
  CHECK(refusal_of(acceptor.outcome()) == Refusal::unproven);
}

TEST_CASE("the judge is asked after the proof, of both sides, and its word is told") {
  Pair pair;
  pair.judge_of_b = [](const PeerIdentity& peer) -> kernels::Status {
    CHECK(peer == node("a", 0xB007, 5));
    return kernels::fail(kernels::ErrorKind::refuse, "no {}", "room");
  };
  const auto [dialler, acceptor] = pair.run();
  CHECK(refusal_of(acceptor) == Refusal::unwanted);
  CHECK(why_of(dialler) == "no room");
  Pair unproven;
  unproven.a.secret = bytes_of("x");
  unproven.judge_of_b = [](const PeerIdentity&) -> kernels::Status {
    FAIL("asked about somebody without a proof");
    return {};
  };
  unproven.run();
}

TEST_CASE("lengths beyond a message, of no message and of another kind end the handshake") {
  const Pair pair;
  const auto after_preamble = [&](const GateBytes& bytes) {
    auto acceptor = HandshakeCore::accept(pair.b, nonce_of(2), anyone);
    acceptor.take(preamble(Part::control));
    auto rest = std::span<const std::byte>(bytes);
    while (!rest.empty() && acceptor.wanted() > 0) {
      const std::size_t count = std::min(rest.size(), acceptor.wanted());
      acceptor.take(rest.first(count));
      rest = rest.subspan(count);
    }
    return refusal_of(acceptor.outcome());
  };
  CHECK(after_preamble({std::byte{0xFF}, std::byte{0xFF}}) == Refusal::malformed);
  CHECK(after_preamble({std::byte{0}, std::byte{0}}) == Refusal::malformed);
  CHECK(after_preamble(encode(Proof{})) == Refusal::malformed);
  CHECK(after_preamble({std::byte{1}, std::byte{0}, std::byte{1}}) == Refusal::malformed);
  CHECK(after_preamble(encode(Refused{"no"})) == Refusal::refused);
}

TEST_CASE("what a stranger writes into a reason or a name reaches the log as one plain line") {
  CHECK(printable("a\nb\x1b[2Jc") == "a?b?[2Jc");
  CHECK(printable(std::string(1'000, 'x')).size() == kWhyBytesMax);
  const GateBytes hello = encode(Hello{{0, {}, node("a\n", 1, 1)}, "b", {}});
  CHECK_FALSE(decode_hello(std::span(hello).subspan(3), Part::control));
  const GateBytes plain = encode(Hello{{0, {}, node("a", 1, 1)}, "b", {}});
  CHECK(decode_hello(std::span(plain).subspan(3), Part::control));
}

// -- names, boots and links ----------------------------------------------------------------------

namespace {

LinksCore links_of_b() { return LinksCore("b", PeerKind::node, {"a", "c"}, 2); }

bool claims(LinksCore& core, const PeerIdentity& peer) { return core.claim_accepted(peer).ok(); }

}  // namespace

TEST_CASE("the lower name dials, and a client always does") {
  LinksCore core = links_of_b();
  CHECK(core.dials("c"));
  CHECK_FALSE(core.dials("a"));
  CHECK(LinksCore("client-0000000000000001", PeerKind::client, {"a"}, 0).dials("a"));
  CHECK(claims(core, node("a", 1, 1)));
  CHECK_FALSE(claims(core, node("c", 1, 1)));
  CHECK_FALSE(claims(core, node("b", 1, 1)));
  CHECK_FALSE(claims(core, node("d", 1, 1)));
}

TEST_CASE("link numbers of a boot only grow, and bulk belongs to the open control half, once") {
  LinksCore core = links_of_b();
  CHECK_FALSE(claims(core, node("a", 1, 0)));
  CHECK_FALSE(claims(core, node("a", 1, 3, Part::bulk)));
  CHECK(claims(core, node("a", 1, 3)));
  CHECK_FALSE(claims(core, node("a", 1, 3)));
  CHECK_FALSE(claims(core, node("a", 1, 2)));
  CHECK_FALSE(claims(core, node("a", 2, 3, Part::bulk)));
  CHECK_FALSE(claims(core, node("a", 1, 4, Part::bulk)));
  CHECK(claims(core, node("a", 1, 3, Part::bulk)));
  CHECK_FALSE(claims(core, node("a", 1, 3, Part::bulk)));
  core.close("a", 3);
  CHECK_FALSE(claims(core, node("a", 1, 3, Part::bulk)));
  CHECK_FALSE(claims(core, node("a", 1, 3)));
  CHECK(claims(core, node("a", 1, 4)));
  core.close("a", 3);  // told late: link 4 stands
  CHECK(claims(core, node("a", 1, 4, Part::bulk)));
}

TEST_CASE("a new boot begins anew, and the one it followed never returns") {
  LinksCore core = links_of_b();
  CHECK(claims(core, node("a", 1, 7)));
  CHECK(claims(core, node("a", 2, 1)));
  CHECK_FALSE(claims(core, node("a", 1, 8)));
  CHECK(claims(core, node("a", 2, 2)));
}

TEST_CASE("clients have names of their own kind, control only, and a number") {
  LinksCore core = links_of_b();
  const auto client = [](const char* name, LinkNumber link, Part part = Part::control) {
    return PeerIdentity{name, 1, link, PeerKind::client, part};
  };
  CHECK_FALSE(claims(core, client("a", 1)));
  CHECK_FALSE(claims(core, client("client-1", 1)));
  CHECK_FALSE(claims(core, client("client-000000000000000G", 1)));
  CHECK_FALSE(claims(core, client("client-0000000000000001", 1, Part::bulk)));
  CHECK(claims(core, client("client-0000000000000001", 1)));
  CHECK(claims(core, client("client-0000000000000002", 1)));
  CHECK_FALSE(claims(core, client("client-0000000000000003", 1)));
  CHECK(claims(core, client("client-0000000000000002", 2)));
  core.close("client-0000000000000001", 1);
  CHECK(claims(core, client("client-0000000000000003", 1)));
  CHECK_FALSE(claims(core, {"client-0000000000000003", 1, 2, PeerKind::node, Part::control}));
}
