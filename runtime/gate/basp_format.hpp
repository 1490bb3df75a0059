#pragma once
// What the gate knows of BASP, the protocol between the actor systems of two nodes (CAF 0.17.6,
// which is frozen; header, payloads and type names as captured on a wire). Integers are big-endian.
//
//   header     u8 operation, u8 0, u8 0, u8 flags, u32 payload bytes, u64 operation data,
//              u64 source actor, u64 destination actor
//   node       u64 atom "default", u32 process, 20 bytes host: who an actor system is
//   token      u16 0, varbyte length, text: a message's types, "@<>+@atom+Frame"
//   message    token, then its values
//   error      u8 code, u64 category, message (the context)
//
//   operation             payload
//   0 server handshake    node, applications, published actor, its interface
//   1 client handshake    node; a dialler sends it at once, and again when it was answered
//   2 direct message      varbyte count of actors to forward to, message
//   3 routed message      on behalf of another node
//   4 monitor             node of the sender, node of the receiver
//   5 down                node of the sender, node of the receiver, error
//   6 heartbeat           none
// Thread rule: pure functions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pecia::runtime::basp {

inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::size_t kNodeBytes = 32;
inline constexpr std::uint64_t kVersion = 3;  // operation data of a server handshake
inline constexpr std::size_t kHandshakeBytesMax = 64 * 1024;  // interfaces are some kilobytes
inline constexpr std::size_t kDownBytesMax = 4 * 1024;        // two nodes, and an error with a text
inline constexpr std::size_t kTokenBytesMax = 512;

enum class Operation : std::uint8_t {
  server_handshake,
  client_handshake,
  direct_message,
  routed_message,
  monitor,
  down,
  heartbeat,
};
inline constexpr std::uint8_t kOperations = 7;

inline constexpr std::uint8_t kNamedReceiver = 1;     // of a direct message
inline constexpr std::uint8_t kSelectConnection = 2;  // of a client handshake

using Node = std::array<std::byte, kNodeBytes>;

struct Header {
  std::uint8_t operation = 0;
  std::uint16_t padding = 0;
  std::uint8_t flags = 0;
  std::uint32_t payload_bytes = 0;
  std::uint64_t operation_data = 0;
};
Header read_header(std::span<const std::byte> bytes);  // REQUIRES kHeaderBytes

// The payload's first kNodeBytes as a node of the usual kind.
std::optional<Node> read_node(std::span<const std::byte> payload);

// A token at the start of `bytes`, and how many it takes; nullopt where it is cut off or too long.
struct Token {
  std::string_view text;
  std::size_t bytes = 0;
};
std::optional<Token> read_token(std::span<const std::byte> bytes);

// Whether an error of exactly `count` bytes, of which `bytes` are the first ones, carries no
// context or one text: nothing that nests, and nothing whose length is not what is there.
bool is_plain_error(std::span<const std::byte> bytes, std::size_t count);

}  // namespace pecia::runtime::basp
