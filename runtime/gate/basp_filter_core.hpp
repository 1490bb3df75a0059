#pragma once
// What of the bytes of an admitted peer reaches our own actor system. CAF trusts its peer: a header
// can make it allocate 4 GiB or read through null, a routed message speaks for others, a message to
// a name reaches its spawn and config servers. So nothing reaches it but what is right here:
//
//   closes the link   a first frame that is not the handshake of the other side, a second handshake
//                     (but the dialler's echo), another node's name in one, padding, flags or an
//                     operation that do not exist, a payload beyond or below what the operation has
//   is dropped whole  routed messages, messages to a name, monitor and down frames about a sender
//                     that is not the peer, down frames whose reason nests, and, where message
//                     types are listed, direct messages of any other type. CAF itself sends some of
//                     these to every new peer, so they are counted, not punished
//   passes            the rest, bit for bit
//
// With the list, deserialising what passes cannot nest: a listed type's own inspect() is all that
// runs. An "@error" passes only where it carries no context or one text.
// Memory: a header and the first bytes of one payload (kHandshakeBytesMax at most).
// Thread rule: one thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/gate/basp_format.hpp"

namespace pecia::runtime {

struct BaspFilterOptions {
  bool is_from_dialler = false;         // its first frame is a client handshake, else a server's
  std::uint64_t payload_bytes_max = 0;  // of a direct message
  // As CAF spells them: "@<>+@atom+Frame". None: any type.
  std::vector<std::string> message_types_allowed;
};

struct BaspFilterCounts {
  std::uint64_t passed = 0;  // frames
  std::uint64_t routed = 0;
  std::uint64_t named = 0;
  std::uint64_t foreign = 0;  // monitor and down frames about another node, or beyond their form
  std::uint64_t types = 0;    // direct messages of a type that is not listed
  std::uint64_t dropped() const { return routed + named + foreign + types; }
};

class BaspFilterCore {
 public:
  using Bytes = std::span<const std::byte>;

  explicit BaspFilterCore(BaspFilterOptions options) : options_(std::move(options)) {}

  // Appends the ranges to pass on, in order: parts of `bytes`, and of what was kept of earlier
  // ones. They are valid until the next take(). After an Error the link must be closed.
  kernels::Status take(Bytes bytes, std::vector<Bytes>& out);
  const BaspFilterCounts& counts() const { return counts_; }

 private:
  enum class Verdict : std::uint8_t { pass, drop };

  kernels::Expected<Bytes> gather(Bytes& bytes);
  kernels::Status check(const basp::Header& header) const;
  std::size_t look(const basp::Header& header) const;
  kernels::Expected<Verdict> judge(const basp::Header& header, Bytes start);
  kernels::Status judge_handshake(const basp::Header& header, Bytes start);
  bool is_allowed(const basp::Header& header, Bytes start) const;
  bool is_from_peer(Bytes start) const;

  BaspFilterOptions options_;
  BaspFilterCounts counts_;
  std::optional<basp::Node> peer_;  // by its handshake
  int handshakes_ = 0;
  std::vector<std::byte> kept_;   // of a frame whose first bytes are not all here
  std::vector<std::byte> ready_;  // what was kept of the frame that was judged last
  std::uint64_t rest_ = 0;        // bytes of that frame to come
  Verdict verdict_ = Verdict::drop;
};

}  // namespace pecia::runtime
