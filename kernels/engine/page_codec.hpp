#pragma once
// A page of KV as bytes that may travel and rest: versioned, self-describing, checksummed.
//
//   magic "peciaKV1" | u32 numerics length n, u64 payload length p | fixed header | n bytes
//   numerics | p bytes payload (f16 halves as in attention.hpp, layer after layer) | XXH3-128 of
//   all before
//
// All integers little endian. Decoding checks everything the bytes can tell about themselves;
// whether the page fits an engine is check_page's question. Thread rule: pure.

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
  PageContent content;
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

// Error (kind refuse) on wrong magic, version, length, checksum, or a key that its tokens deny.
Expected<DecodedPage> decode_page(std::span<const std::byte> bytes);

// Error (kind refuse) where the page was made under another numerics id, model, salt or shape.
Status check_page(const DecodedPage& page, const PageScope& scope, const PageShape& shape,
                  std::size_t payload_bytes);

}  // namespace pecia::kernels
