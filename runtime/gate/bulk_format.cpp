#include "runtime/gate/bulk_format.hpp"

#include "kernels/base/hash.hpp"
#include "runtime/wire/little_endian.hpp"

namespace pecia::runtime {

namespace {
constexpr std::size_t kCheckedBytes = kBulkHeaderBytes - sizeof(std::uint64_t);
}

BulkHeaderBytes encode(const BulkHeader& header) {
  BulkHeaderBytes bytes{};
  bytes[0] = static_cast<std::byte>(header.kind);
  bytes[1] = std::byte{header.priority};
  store_little(header.transfer_kind, bytes.data() + 2);
  store_little(header.bytes, bytes.data() + 4);
  store_little(header.id, bytes.data() + 8);
  store_little(header.offset, bytes.data() + 16);
  store_little(header.total, bytes.data() + 24);
  store_little(header.check, bytes.data() + 32);
  store_little(bulk_check(std::span(bytes).first<kCheckedBytes>()), bytes.data() + kCheckedBytes);
  return bytes;
}

std::optional<BulkHeader> decode_bulk_header(std::span<const std::byte, kBulkHeaderBytes> bytes) {
  const auto check = load_little<std::uint64_t>(bytes.data() + kCheckedBytes);
  if (check != bulk_check(bytes.first<kCheckedBytes>())) return std::nullopt;
  const auto kind = std::to_integer<std::uint8_t>(bytes[0]);
  if (kind != 1 && kind != 2) return std::nullopt;
  return BulkHeader{static_cast<BulkKind>(kind),
                    std::to_integer<std::uint8_t>(bytes[1]),
                    load_little<std::uint16_t>(bytes.data() + 2),
                    load_little<std::uint32_t>(bytes.data() + 4),
                    load_little<std::uint64_t>(bytes.data() + 8),
                    load_little<std::uint64_t>(bytes.data() + 16),
                    load_little<std::uint64_t>(bytes.data() + 24),
                    load_little<std::uint64_t>(bytes.data() + 32)};
}

std::uint64_t bulk_check(std::span<const std::byte> bytes) {
  const kernels::Id id = kernels::xxh3_128(bytes);
  return load_little<std::uint64_t>(std::as_bytes(std::span(id)).data());
}

}  // namespace pecia::runtime
