#include "runtime/gate/handshake_core.hpp"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "runtime/wire/little_endian.hpp"

namespace pecia::runtime {

using namespace handshake;

std::string_view name_of(Refusal refusal) {
  constexpr std::string_view kNames[kRefusals] = {"malformed", "stranger", "unproven", "unwanted",
                                                  "refused"};
  return kNames[static_cast<std::size_t>(refusal)];
}

HandshakeCore HandshakeCore::dial(const GateSelf& self, const Dial& dial, const Nonce& nonce,
                                  PeerJudge judge) {
  HandshakeCore core(self, nonce, std::move(judge));
  core.peer_ = {dial.expected, 0, dial.link, PeerKind::node, dial.part};
  core.transcript_.part = dial.part;
  core.transcript_.hello = encode(Hello{core.own_identity(), dial.expected, nonce});
  const Preamble first = preamble(dial.part);
  core.output_.assign(first.begin(), first.end());
  core.send(core.transcript_.hello);
  core.awaits_ = Awaits::challenge;
  return core;
}

HandshakeCore HandshakeCore::accept(const GateSelf& self, const Nonce& nonce, PeerJudge judge) {
  return HandshakeCore(self, nonce, std::move(judge));
}

std::size_t HandshakeCore::wanted() const {
  if (outcome_.index() != 0) return 0;
  if (awaits_ == Awaits::preamble) return kPreambleBytes - input_.size();
  if (input_.size() < kLengthBytes) return kLengthBytes - input_.size();
  return kLengthBytes + load_little<std::uint16_t>(input_.data()) - input_.size();
}

void HandshakeCore::take(std::span<const std::byte> bytes) {
  assert(bytes.size() <= wanted());
  input_.insert(input_.end(), bytes.begin(), bytes.end());
  if (awaits_ == Awaits::preamble) {
    if (input_.size() == kPreambleBytes) on_preamble();
    return;
  }
  if (input_.size() < kLengthBytes) return;
  const auto length = load_little<std::uint16_t>(input_.data());
  if (length == 0 || length > kMessageBytesMax) {
    return reject(Refusal::malformed,
                  fmt::format("a handshake message of {} bytes; 1 to {} would be right", length,
                              kMessageBytesMax));
  }
  if (input_.size() < kLengthBytes + length) return;
  const GateBytes message = std::exchange(input_, {});
  on_message(message);
}

GateBytes HandshakeCore::take_output() { return std::exchange(output_, {}); }

// -- messages ------------------------------------------------------------------------------------

void HandshakeCore::on_preamble() {
  const auto verdict = read_preamble(std::span<const std::byte, kPreambleBytes>(input_));
  input_.clear();
  if (!verdict.part) {
    if (!verdict.why.empty()) return reject(Refusal::stranger, verdict.why);
    return reject(Refusal::malformed, "its first bytes are not those of a pecia node", false);
  }
  transcript_.part = *verdict.part;
  awaits_ = Awaits::hello;
}

void HandshakeCore::on_message(std::span<const std::byte> message) {
  constexpr Kind kDue[] = {Kind::refused, Kind::hello,   Kind::challenge,
                           Kind::proof,   Kind::welcome, Kind::ready};
  const auto kind = static_cast<Kind>(message[kLengthBytes]);
  const auto body = message.subspan(kLengthBytes + 1);
  if (kind == Kind::refused) {
    const auto refused = decode_refused(body);
    return reject(Refusal::refused, refused ? refused->why : "it refused, without a reason", false);
  }
  if (kind != kDue[static_cast<std::size_t>(awaits_)]) {
    return reject(
        Refusal::malformed,
        fmt::format("a handshake message of kind {} where kind {} is due", static_cast<int>(kind),
                    static_cast<int>(kDue[static_cast<std::size_t>(awaits_)])));
  }
  if (kind == Kind::hello) transcript_.hello.assign(message.begin(), message.end());
  if (kind == Kind::challenge) transcript_.challenge.assign(message.begin(), message.end());
  switch (awaits_) {
    case Awaits::hello:
      return on_hello(body);
    case Awaits::challenge:
      return on_challenge(body);
    case Awaits::proof:
      return on_proof(body);
    case Awaits::welcome:
      return on_welcome(body);
    default:
      return on_ready(body);
  }
}

void HandshakeCore::on_hello(std::span<const std::byte> body) {
  const auto hello = decode_hello(body, transcript_.part);
  if (!hello) return reject(Refusal::malformed, "a hello that is not whole");
  if (!is_of_this_cluster(hello->identity)) return;
  if (!hello->expected.empty() && hello->expected != self_->name) {
    return reject(Refusal::unwanted, fmt::format("'{}' is not here", hello->expected));
  }
  if (hello->nonce == nonce_) return reject(Refusal::unproven, "it sends back what it was sent");
  peer_ = hello->identity.peer;
  transcript_.challenge = encode(Challenge{nonce_});
  send(transcript_.challenge);
  awaits_ = Awaits::proof;
}

void HandshakeCore::on_challenge(std::span<const std::byte> body) {
  const auto challenge = decode_challenge(body);
  if (!challenge) return reject(Refusal::malformed, "a challenge that is not whole");
  if (challenge->nonce == nonce_) {
    return reject(Refusal::unproven, "it sends back what it was sent");
  }
  send(encode(Proof{mac_of_dialler(self_->secret, transcript_)}));
  awaits_ = Awaits::welcome;
}

void HandshakeCore::on_proof(std::span<const std::byte> body) {
  const auto proof = decode_proof(body);
  if (!proof) return reject(Refusal::malformed, "a proof that is not whole");
  if (!is_proven(proof->mac, mac_of_dialler(self_->secret, transcript_))) return;
  if (!is_wanted(peer_)) return;
  Identity own = own_identity();
  GateBytes mac = mac_of_acceptor(self_->secret, transcript_, own);
  send(encode(Welcome{std::move(own), std::move(mac), self_->capabilities}));
  awaits_ = Awaits::ready;
}

void HandshakeCore::on_welcome(std::span<const std::byte> body) {
  auto welcome = decode_welcome(body, transcript_.part);
  if (!welcome) return reject(Refusal::malformed, "a welcome that is not whole");
  const Identity& other = welcome->identity;
  const GateBytes right = mac_of_acceptor(self_->secret, transcript_, other);
  if (!is_proven(welcome->mac, right) || !is_of_this_cluster(other)) return;
  if (other.peer.name != peer_.name || other.peer.kind != PeerKind::node) {
    return reject(Refusal::unwanted,
                  fmt::format("'{}' is there, not '{}'", other.peer.name, peer_.name));
  }
  peer_.boot = other.peer.boot;
  if (!is_wanted(peer_)) return;
  send(encode(Ready{self_->capabilities}));
  outcome_ = Admitted{peer_, std::move(welcome->capabilities)};
}

void HandshakeCore::on_ready(std::span<const std::byte> body) {
  auto ready = decode_ready(body);
  if (!ready) return reject(Refusal::malformed, "a last message that is not whole");
  outcome_ = Admitted{peer_, std::move(ready->capabilities)};
}

// -- decisions -----------------------------------------------------------------------------------

Identity HandshakeCore::own_identity() const {
  const PeerIdentity own{self_->name, self_->boot, peer_.link, self_->kind, transcript_.part};
  return {self_->schema, self_->fingerprint, own};
}

bool HandshakeCore::is_of_this_cluster(const Identity& identity) {
  if (identity.schema != self_->schema) {
    reject(Refusal::stranger, fmt::format("its messages are of schema {}, ours of {}",
                                          identity.schema, self_->schema));
    return false;
  }
  if (identity.fingerprint != self_->fingerprint) {
    reject(Refusal::stranger,
           "its cluster has another fingerprint: [cluster] of the config must be equal everywhere");
    return false;
  }
  return true;
}

bool HandshakeCore::is_proven(const GateBytes& mac, const GateBytes& right) {
  if (self_->secret.empty() && !mac.empty()) {
    reject(Refusal::unproven, "one side has a secret and the other has none");
    return false;
  }
  if (!kernels::equal_secrets(mac, right)) {
    reject(Refusal::unproven,
           mac.empty() ? "one side has a secret and the other has none" : "it has another secret");
    return false;
  }
  return true;
}

bool HandshakeCore::is_wanted(const PeerIdentity& peer) {
  const kernels::Status verdict = judge_(peer);
  if (!verdict) reject(Refusal::unwanted, verdict.error().message);
  return verdict.ok();
}

void HandshakeCore::send(const GateBytes& message) {
  output_.insert(output_.end(), message.begin(), message.end());
}

void HandshakeCore::reject(Refusal refusal, std::string why, bool tell) {
  if (tell) send(encode(Refused{why}));
  outcome_ = Rejected{refusal, std::move(why)};
}

}  // namespace pecia::runtime
