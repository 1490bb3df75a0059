#pragma once
// A page of KV as bytes that may travel and rest: versioned, self-describing, checksummed.
//
//   7 bytes   magic "peciaKV"
//   1 byte    format version '1'
//   u64       payload length p
//   u32       numerics length n, at most 256
//   u32       index: first position / 32
//   4 x u32   first layer, behind the last layer, kv heads, head dimension
//   3 x 16 B  name, parent's name (zero exactly where index is 0), model id
//   32 x i32  tokens
//   n bytes   numerics id
//   p bytes   payload: f16 halves as in attention.hpp, layer after layer
//   16 bytes  XXH3-128 of all before
//
// Integers little endian, nothing between the fields. Decoding checks everything the bytes can tell
// about themselves; whether the page fits an engine is check_page's question. Lookup keys do not
// travel: who takes a page in derives its key from the parent's. Thread rule: pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/engine/page_names.hpp"

namespace pecia::kernels {

struct PageShape {
  std::uint32_t first_layer = 0, last_layer = 0;  // [first, last)
  std::uint32_t kv_heads = 0, head_dim = 0;
  bool operator==(const PageShape&) const = default;
};

struct PageHeader {
  std::uint32_t index = 0;  // first position / 32
  PageTokens tokens{};
  PageName name;
  PageShape shape;
  std::string numerics;
  Id model{};
};

// The payload lies in the encoded bytes, which must outlive it.
struct DecodedPage {
  PageHeader header;
  std::span<const std::byte> payload;
};

std::vector<std::byte> encode_page(const PageHeader& header, std::span<const std::byte> payload);

// Error (kind refuse) on wrong magic, version, length, checksum, or a parent of a first page.
Expected<DecodedPage> decode_page(std::span<const std::byte> bytes);

// Error (kind refuse) where the page was made under another numerics id, model, salt or shape.
Status check_page(const DecodedPage& page, const PageScope& scope, const PageShape& shape,
                  std::size_t payload_bytes);

}  // namespace pecia::kernels
