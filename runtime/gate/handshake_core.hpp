#pragma once
// Both sides of the handshake that every connection begins with (handshake_format.hpp), as a state
// machine: bytes in, bytes out, then Admitted or Rejected.
//
//   dialler:    challenge? --> welcome? --> admitted
//   acceptor:   preamble? --> hello? --> proof? --> ready? --> admitted
//
// Until the proof is checked the other side learns a nonce and, where it is refused, one line; a
// stranger that speaks no pecia at all is answered nothing. Only then the judge is asked whether
// this peer may have this link now (LinksCore), and only then capabilities are told.
// Chance is passed in; deadlines are the caller's. Memory: one message at most. Thread rule: one
// thread.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>

#include "kernels/base/expected.hpp"
#include "runtime/gate/handshake_format.hpp"

namespace pecia::runtime {

// What a process says of itself to all peers.
struct GateSelf {
  NodeName name;
  Boot boot = 0;
  PeerKind kind = PeerKind::node;
  std::uint32_t schema = 0;  // version of the messages behind the gate
  Id fingerprint{};          // of what must be equal in the whole cluster
  GateBytes secret;          // empty: nobody proves anything
  GateBytes capabilities;    // opaque here; 16 KiB at most
};

struct Admitted {
  PeerIdentity peer;
  GateBytes capabilities;
};
enum class Refusal : std::uint8_t {
  malformed,  // no message of this protocol where one was due
  stranger,   // another version, schema or cluster
  unproven,   // a wrong or missing proof
  unwanted,   // not the one expected, or the judge said no
  refused,    // by the peer
};
inline constexpr std::size_t kRefusals = 5;
std::string_view name_of(Refusal refusal);

struct Rejected {
  Refusal refusal = Refusal::malformed;
  std::string why;  // one line, for people
};

// May this peer, whose proof holds, have this link? An error's message is told to the peer.
using PeerJudge = std::function<kernels::Status(const PeerIdentity&)>;

class HandshakeCore {
 public:
  using Outcome = std::variant<std::monostate, Admitted, Rejected>;

  struct Dial {
    NodeName expected;  // who must be there
    LinkNumber link = 0;
    Part part = Part::control;
  };
  // REQUIRES: `self` outlives the handshake; a nonce that nobody can foresee.
  static HandshakeCore dial(const GateSelf& self, const Dial& dial, const handshake::Nonce& nonce,
                            PeerJudge judge);
  static HandshakeCore accept(const GateSelf& self, const handshake::Nonce& nonce, PeerJudge judge);

  // Bytes to read next, so that none behind the handshake is ever touched; 0 once it has ended.
  std::size_t wanted() const;
  void take(std::span<const std::byte> bytes);  // REQUIRES: no more than wanted()
  GateBytes take_output();                      // to send, in order; may be empty
  const Outcome& outcome() const { return outcome_; }
  Part part() const { return transcript_.part; }  // of an acceptor: control until it is known

 private:
  enum class Awaits : std::uint8_t { preamble, hello, challenge, proof, welcome, ready };

  HandshakeCore(const GateSelf& self, const handshake::Nonce& nonce, PeerJudge judge)
      : self_(&self), nonce_(nonce), judge_(std::move(judge)) {}

  void on_preamble();
  void on_message(std::span<const std::byte> message);
  void on_hello(std::span<const std::byte> body);
  void on_challenge(std::span<const std::byte> body);
  void on_proof(std::span<const std::byte> body);
  void on_welcome(std::span<const std::byte> body);
  void on_ready(std::span<const std::byte> body);

  handshake::Identity own_identity() const;
  bool is_of_this_cluster(const handshake::Identity& identity);
  bool is_proven(const GateBytes& mac, const GateBytes& right);
  bool is_wanted(const PeerIdentity& peer);
  void send(const GateBytes& message);
  void reject(Refusal refusal, std::string why, bool tell = true);

  const GateSelf* self_;
  handshake::Nonce nonce_;
  PeerJudge judge_;
  Awaits awaits_ = Awaits::preamble;
  handshake::Transcript transcript_;
  PeerIdentity peer_;  // of the dialler: name and link that it must be
  GateBytes input_;    // of the message at hand
  GateBytes output_;
  Outcome outcome_;
};

}  // namespace pecia::runtime
