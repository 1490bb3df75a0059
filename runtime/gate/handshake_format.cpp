#include "runtime/gate/handshake_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "runtime/wire/little_endian.hpp"

namespace pecia::runtime {

bool is_client_name(std::string_view name) {
  constexpr std::string_view kPrefix = "client-";
  return name.size() == kPrefix.size() + 16 && name.starts_with(kPrefix) &&
         std::ranges::all_of(name.substr(kPrefix.size()), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

namespace handshake {

namespace {

class Writer {
 public:
  explicit Writer(Kind kind) : bytes_(kLengthBytes) { add(static_cast<std::uint8_t>(kind)); }

  template <std::unsigned_integral Integer>
  Writer& add(Integer value) {
    std::byte bytes[sizeof value];
    store_little(value, bytes);
    return raw(bytes);
  }
  Writer& raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Writer& run(std::span<const std::byte> bytes) {
    return add(static_cast<std::uint16_t>(bytes.size())).raw(bytes);
  }
  Writer& run(std::string_view text) { return run(std::as_bytes(std::span(text))); }

  GateBytes finish() {
    assert(bytes_.size() <= kLengthBytes + kMessageBytesMax);
    store_little(static_cast<std::uint16_t>(bytes_.size() - kLengthBytes), bytes_.data());
    return std::move(bytes_);
  }

 private:
  GateBytes bytes_;
};

void add(Writer& writer, const Identity& identity) {
  writer.add(identity.schema)
      .raw(std::as_bytes(std::span(identity.fingerprint)))
      .add(identity.peer.boot)
      .add(identity.peer.link)
      .add(static_cast<std::uint8_t>(identity.peer.kind))
      .run(identity.peer.name);
}

// Reads what is there; a read beyond the end or a limit makes the whole body no message.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <std::unsigned_integral Integer>
  Integer integer() {
    const auto bytes = raw(sizeof(Integer));
    return is_good_ ? load_little<Integer>(bytes.data()) : Integer{0};
  }
  std::span<const std::byte> raw(std::size_t count) {
    if (!is_good_ || rest_.size() < count) {
      is_good_ = false;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::span<const std::byte> run(std::size_t bytes_max) {
    const auto count = integer<std::uint16_t>();
    if (count > bytes_max) is_good_ = false;
    return raw(count);
  }
  std::string text(std::size_t bytes_max) {
    const auto bytes = run(bytes_max);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  GateBytes bytes(std::size_t bytes_max) {
    const auto taken = run(bytes_max);
    return GateBytes(taken.begin(), taken.end());
  }
  GateBytes mac() {
    GateBytes taken = bytes(sizeof(kernels::Digest));
    if (!taken.empty() && taken.size() != sizeof(kernels::Digest)) is_good_ = false;
    return taken;
  }
  template <std::size_t count>
  void fill(std::byte* to) {
    const auto taken = raw(count);
    if (is_good_) std::memcpy(to, taken.data(), count);
  }
  void forbid() { is_good_ = false; }

  template <class Message>
  std::optional<Message> finish(Message message) const {
    if (!is_good_ || !rest_.empty()) return std::nullopt;
    return message;
  }

 private:
  std::span<const std::byte> rest_;
  bool is_good_ = true;
};

Identity read_identity(Reader& reader, Part part) {
  Identity identity;
  identity.schema = reader.integer<std::uint32_t>();
  reader.fill<sizeof(Id)>(std::as_writable_bytes(std::span(identity.fingerprint)).data());
  identity.peer.boot = reader.integer<std::uint64_t>();
  identity.peer.link = reader.integer<std::uint32_t>();
  const auto kind = reader.integer<std::uint8_t>();
  if (kind != 1 && kind != 2) reader.forbid();
  identity.peer.kind = static_cast<PeerKind>(kind);
  identity.peer.name = reader.text(kNameBytesMax);
  if (identity.peer.name != printable(identity.peer.name)) reader.forbid();
  identity.peer.part = part;
  return identity;
}

GateBytes mac_over(std::span<const std::byte> secret, Kind role, const Transcript& transcript,
                   const Identity* acceptor) {
  if (secret.empty()) return {};
  const Preamble first = preamble(transcript.part);
  Writer writer(role);
  writer.raw(first).run(transcript.hello).run(transcript.challenge);
  if (acceptor != nullptr) add(writer, *acceptor);
  const kernels::Digest digest = kernels::hmac_sha256(secret, writer.finish());
  const auto bytes = std::as_bytes(std::span(digest));
  return GateBytes(bytes.begin(), bytes.end());
}

}  // namespace

Preamble preamble(Part part) {
  static_assert(kMagic.size() + 2 == kPreambleBytes);
  Preamble bytes{};
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  bytes[kMagic.size()] = std::byte{kVersion};
  bytes[kMagic.size() + 1] = static_cast<std::byte>(part);
  return bytes;
}

PreambleVerdict read_preamble(std::span<const std::byte, kPreambleBytes> bytes) {
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) return {};
  const auto version = std::to_integer<unsigned>(bytes[kMagic.size()]);
  if (version != kVersion) {
    return {std::nullopt, fmt::format("this node speaks version {} of the gate's protocol, not {}",
                                      kVersion, version)};
  }
  const auto part = std::to_integer<unsigned>(bytes[kMagic.size() + 1]);
  if (part != 1 && part != 2) return {};
  return {static_cast<Part>(part), {}};
}

GateBytes encode(const Hello& hello) {
  Writer writer(Kind::hello);
  add(writer, hello.identity);
  return writer.run(hello.expected).raw(hello.nonce).finish();
}
GateBytes encode(const Challenge& challenge) {
  return Writer(Kind::challenge).raw(challenge.nonce).finish();
}
GateBytes encode(const Proof& proof) { return Writer(Kind::proof).run(proof.mac).finish(); }
GateBytes encode(const Welcome& welcome) {
  Writer writer(Kind::welcome);
  add(writer, welcome.identity);
  return writer.run(welcome.mac).run(welcome.capabilities).finish();
}
GateBytes encode(const Ready& ready) {
  return Writer(Kind::ready).run(ready.capabilities).finish();
}
GateBytes encode(const Refused& refused) {
  return Writer(Kind::refused).run(printable(refused.why)).finish();
}

std::optional<Hello> decode_hello(std::span<const std::byte> body, Part part) {
  Reader reader(body);
  Hello hello;
  hello.identity = read_identity(reader, part);
  hello.expected = reader.text(kNameBytesMax);
  reader.fill<sizeof(Nonce)>(hello.nonce.data());
  return reader.finish(std::move(hello));
}
std::optional<Challenge> decode_challenge(std::span<const std::byte> body) {
  Reader reader(body);
  Challenge challenge;
  reader.fill<sizeof(Nonce)>(challenge.nonce.data());
  return reader.finish(challenge);
}
std::optional<Proof> decode_proof(std::span<const std::byte> body) {
  Reader reader(body);
  Proof proof{reader.mac()};
  return reader.finish(std::move(proof));
}
std::optional<Welcome> decode_welcome(std::span<const std::byte> body, Part part) {
  Reader reader(body);
  Welcome welcome;
  welcome.identity = read_identity(reader, part);
  welcome.mac = reader.mac();
  welcome.capabilities = reader.bytes(kCapabilitiesBytesMax);
  return reader.finish(std::move(welcome));
}
std::optional<Ready> decode_ready(std::span<const std::byte> body) {
  Reader reader(body);
  Ready ready{reader.bytes(kCapabilitiesBytesMax)};
  return reader.finish(std::move(ready));
}
std::optional<Refused> decode_refused(std::span<const std::byte> body) {
  Reader reader(body);
  Refused refused{printable(reader.text(kWhyBytesMax))};
  return reader.finish(std::move(refused));
}

GateBytes mac_of_dialler(std::span<const std::byte> secret, const Transcript& transcript) {
  return mac_over(secret, Kind::proof, transcript, nullptr);
}
GateBytes mac_of_acceptor(std::span<const std::byte> secret, const Transcript& transcript,
                          const Identity& acceptor) {
  return mac_over(secret, Kind::welcome, transcript, &acceptor);
}

std::string printable(std::string_view text) {
  std::string line(text.substr(0, kWhyBytesMax));
  std::ranges::replace_if(
      line, [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

}  // namespace handshake

}  // namespace pecia::runtime
