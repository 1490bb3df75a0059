#pragma once
// Names made from content: SHA-256 over length-prefixed fields (PROTOCOL "H"), and XXH3-128 as the
// checksum of large byte runs. Thread rule: one object per thread; free functions are pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pecia::kernels {

using Digest = std::array<std::uint8_t, 32>;  // SHA-256
using Id = std::array<std::uint8_t, 16>;      // first 128 bits of a Digest, or an XXH3-128

// Plain SHA-256 over a stream of bytes.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  // Digest of all bytes so far; the object may not be used afterwards.
  Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// H of PROTOCOL: every field preceded by its u32 little-endian length in bytes.
class FieldHash {
 public:
  FieldHash& field(std::span<const std::byte> bytes);  // bytes.size() < 2^32
  FieldHash& field(std::string_view text) { return field(std::as_bytes(std::span(text))); }
  FieldHash& field(std::uint32_t value);  // 4 bytes little endian
  FieldHash& field(std::uint64_t value);  // 8 bytes little endian
  FieldHash& field(const Id& id) { return field(std::as_bytes(std::span(id))); }
  Digest digest() { return hash_.finish(); }
  Id id();  // first 128 bits of digest()

 private:
  Sha256 hash_;
};

Id xxh3_128(std::span<const std::byte> bytes);  // canonical (big-endian) byte order

// HMAC-SHA-256 (RFC 2104). Any key; whether a received one is right, equal_secrets() says.
Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes);
// Takes as long for bytes that differ early as for those that differ late.
bool equal_secrets(std::span<const std::byte> a, std::span<const std::byte> b);

std::string hex(std::span<const std::uint8_t> bytes);  // lower case

struct IdHash {
  std::size_t operator()(const Id& id) const noexcept;
};

}  // namespace pecia::kernels
