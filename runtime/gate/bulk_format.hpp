#pragma once
// The bytes of a link's bulk half. Every frame is a header and, for a piece, its bytes. Integers
// are little-endian.
//
//   u8 kind (1 piece, 2 credit), u8 priority, u16 kind of transfer, u32 bytes that follow,
//   u64 id, u64 offset, u64 total, u64 check of the bytes, u64 check of the 40 bytes before
//
//   piece    bytes [offset, offset + bytes) of the transfer `id`, which has `total` bytes. Pieces
//   of
//            a transfer come in order, those of several transfers mixed
//   credit   offset: payload bytes consumed since the link opened; total: payload bytes that may
//            have been sent by then. Both only grow, so the latest says all
//
// A check is the first 8 bytes of XXH3-128. TCP's own checksum is weak where gigabytes pass, and a
// length is believed only after the header's check. Thread rule: pure functions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace pecia::runtime {

inline constexpr std::size_t kBulkHeaderBytes = 48;
inline constexpr std::uint8_t kBulkPriorities = 3;  // 0 in the background, 1, 2 before all others

enum class BulkKind : std::uint8_t { piece = 1, credit = 2 };

struct BulkHeader {
  BulkKind kind = BulkKind::piece;
  std::uint8_t priority = 0;
  std::uint16_t transfer_kind = 0;
  std::uint32_t bytes = 0;
  std::uint64_t id = 0;
  std::uint64_t offset = 0;
  std::uint64_t total = 0;
  std::uint64_t check = 0;
};

using BulkHeaderBytes = std::array<std::byte, kBulkHeaderBytes>;

BulkHeaderBytes encode(const BulkHeader& header);
// nullopt where the check fails or the kind does not exist.
std::optional<BulkHeader> decode_bulk_header(std::span<const std::byte, kBulkHeaderBytes> bytes);

std::uint64_t bulk_check(std::span<const std::byte> bytes);

}  // namespace pecia::runtime
