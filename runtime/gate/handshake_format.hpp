#pragma once
// The bytes of the gate's handshake, the first of every connection. Integers are little-endian.
//
//   preamble   "pecia\x1a", u8 version, u8 part         once, from the dialler
//   message    u16 bytes that follow, u8 kind, body     kHandshakeMessageBytesMax at most
//
//   dialler                                       acceptor
//   preamble, hello(identity, expected, nonce) -->
//                                              <-- challenge(nonce)
//   proof(mac) -->
//                                              <-- welcome(identity, mac, capabilities)
//   ready(capabilities) -->
//                    either: refused(why), and the connection ends
//
//   identity   u32 schema, 16 bytes cluster fingerprint, u64 boot, u32 link, u8 kind, name
//   expected   the name that the dialler means to reach; empty: whoever is there
//   mac        32 bytes, or none where the cluster has no secret
//   name, mac, why, capabilities are preceded by their u16 length
//
// A mac is HMAC-SHA-256 under the secret over: the prover's role, the preamble (with version and
// part), the bodies of hello and challenge (with identity, link and both nonces), and, of the
// acceptor, its identity. So it holds for one connection, one side and one part, and none can be
// replayed, reflected or moved between control and bulk. It proves who was there when the link
// opened; what comes after is guarded by no more than TCP is, until TLS stands under it.
// Thread rule: pure functions.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kernels/base/hash.hpp"
#include "runtime/gate/peer.hpp"

namespace pecia::runtime::handshake {

inline constexpr std::string_view kMagic("pecia\x1a");
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kPreambleBytes = 8;
inline constexpr std::size_t kLengthBytes = 2;
inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kWhyBytesMax = 200;
inline constexpr std::size_t kCapabilitiesBytesMax = 16 * 1024;
inline constexpr std::size_t kMessageBytesMax = kCapabilitiesBytesMax + 512;

using Nonce = std::array<std::byte, 32>;
using Preamble = std::array<std::byte, kPreambleBytes>;

enum class Kind : std::uint8_t { hello = 1, challenge, proof, welcome, ready, refused };

struct Identity {
  std::uint32_t schema = 0;
  Id fingerprint{};
  PeerIdentity peer;  // part travels in the preamble
};

struct Hello {
  Identity identity;
  NodeName expected;
  Nonce nonce{};
};
struct Challenge {
  Nonce nonce{};
};
struct Proof {
  GateBytes mac;
};
struct Welcome {
  Identity identity;
  GateBytes mac;
  GateBytes capabilities;
};
struct Ready {
  GateBytes capabilities;
};
struct Refused {
  std::string why;
};

Preamble preamble(Part part);
// The part, or why these are no first bytes of a peer; the text is empty where it is no pecia.
struct PreambleVerdict {
  std::optional<Part> part;
  std::string why;
};
PreambleVerdict read_preamble(std::span<const std::byte, kPreambleBytes> bytes);

// Whole messages, with length and kind before the body.
GateBytes encode(const Hello& hello);
GateBytes encode(const Challenge& challenge);
GateBytes encode(const Proof& proof);
GateBytes encode(const Welcome& welcome);
GateBytes encode(const Ready& ready);
GateBytes encode(const Refused& refused);

// Bodies; nullopt where a byte is missing, left over or beyond its limit.
std::optional<Hello> decode_hello(std::span<const std::byte> body, Part part);
std::optional<Challenge> decode_challenge(std::span<const std::byte> body);
std::optional<Proof> decode_proof(std::span<const std::byte> body);
std::optional<Welcome> decode_welcome(std::span<const std::byte> body, Part part);
std::optional<Ready> decode_ready(std::span<const std::byte> body);
std::optional<Refused> decode_refused(std::span<const std::byte> body);

// What both sides' proofs are made over; hello and challenge are whole messages.
struct Transcript {
  Part part = Part::control;
  GateBytes hello;
  GateBytes challenge;
};
GateBytes mac_of_dialler(std::span<const std::byte> secret, const Transcript& transcript);
GateBytes mac_of_acceptor(std::span<const std::byte> secret, const Transcript& transcript,
                          const Identity& acceptor);

// One line of at most kWhyBytesMax printable ASCII characters, whoever wrote it.
std::string printable(std::string_view text);

}  // namespace pecia::runtime::handshake
