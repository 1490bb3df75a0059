#include "kernels/engine/page_codec.hpp"

#include <cstring>
#include <numeric>

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

const PageScope kScope{"cpu-1-F32-0123456789abcdef", Id{7, 7}, "salt"};
constexpr PageShape kShape{.first_layer = 0, .last_layer = 2, .kv_heads = 2, .head_dim = 8};
constexpr std::size_t kPayloadBytes = 2 * 2 * 2 * 8 * 32 * 2;

// The second page of a sequence whose tokens are 0, 1, 2, ...
PageHeader second_page() {
  std::vector<TokenId> tokens(2 * kPageTokens);
  std::iota(tokens.begin(), tokens.end(), 0);
  const auto names = kScope.names(tokens);
  PageHeader header;
  header.index = 1;
  std::copy_n(tokens.begin() + kPageTokens, kPageTokens, header.tokens.begin());
  header.name = {names[1], names[0]};
  header.shape = kShape;
  header.numerics = kScope.numerics;
  header.model = kScope.model;
  return header;
}

std::vector<std::byte> payload() {
  std::vector<std::byte> bytes(kPayloadBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte(i * 37);
  return bytes;
}

bool refused(const std::vector<std::byte>& bytes, const PageScope& scope = kScope,
             const PageShape& shape = kShape) {
  const Expected<DecodedPage> page = decode_page(bytes);
  if (!page) return page.error().kind == ErrorKind::refuse;
  const Status fits = check_page(*page, scope, shape, kPayloadBytes);
  return !fits && fits.error().kind == ErrorKind::refuse;
}

TEST_CASE("a page comes back from its bytes as it went in") {
  const PageHeader header = second_page();
  const std::vector<std::byte> bytes = encode_page(header, payload());
  const Expected<DecodedPage> page = decode_page(bytes);
  REQUIRE(page);
  CHECK(check_page(*page, kScope, kShape, kPayloadBytes));
  CHECK(page->header.tokens == header.tokens);
  CHECK(page->header.index == 1);
  CHECK(page->header.name.name == header.name.name);
  CHECK(page->header.name.parent == header.name.parent);
  CHECK(std::ranges::equal(page->payload, payload()));
}

TEST_CASE("any flipped bit of an encoded page is refused") {
  const std::vector<std::byte> whole = encode_page(second_page(), payload());
  REQUIRE_FALSE(refused(whole));
  for (std::size_t bit = 0; bit < whole.size() * 8; bit += bit < 4096 ? 1 : 1021) {
    std::vector<std::byte> bytes = whole;
    bytes[bit / 8] ^= std::byte(1 << bit % 8);
    INFO("bit " << bit);
    CHECK(refused(bytes));
  }
}

TEST_CASE("a page cut short or with bytes behind it is refused") {
  const std::vector<std::byte> whole = encode_page(second_page(), payload());
  for (std::size_t size = 0; size < whole.size(); size += size < 600 ? 1 : 997) {
    INFO("size " << size);
    CHECK(refused({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte{0});
  CHECK(refused(longer));
}

TEST_CASE("a page of another numerics id, model, salt or shape is refused by what differs") {
  const std::vector<std::byte> bytes = encode_page(second_page(), payload());
  const Expected<DecodedPage> page = decode_page(bytes);
  REQUIRE(page);
  const auto names = [&](std::string_view what, const PageScope& scope, const PageShape& shape,
                         std::size_t payload_bytes = kPayloadBytes) {
    const Status status = check_page(*page, scope, shape, payload_bytes);
    return !status && status.error().message.find(what) != std::string::npos;
  };
  CHECK(names("numerics", {"cpu-2-F32-0", kScope.model, kScope.salt}, kShape));
  CHECK(names("model", {kScope.numerics, Id{8}, kScope.salt}, kShape));
  CHECK(names("salt", {kScope.numerics, kScope.model, "other"}, kShape));
  PageShape longer = kShape;
  longer.last_layer = 3;
  CHECK(names("layers [0,2)", kScope, longer));
  CHECK(names("bytes", kScope, kShape, kPayloadBytes + 2));
}

TEST_CASE("a well-sealed page whose name is not that of its tokens is refused") {
  PageHeader header = second_page();
  header.tokens[3] += 1;
  CHECK(refused(encode_page(header, payload())));
}

TEST_CASE("a first page that names a parent is refused") {
  PageHeader header = second_page();
  header.index = 0;
  const auto page = decode_page(encode_page(header, payload()));
  REQUIRE_FALSE(page);
  CHECK(page.error().message.find("names the parent") != std::string::npos);
}

TEST_CASE("page names follow from every token before them, and from nothing behind") {
  std::vector<TokenId> tokens(100);
  std::iota(tokens.begin(), tokens.end(), 0);
  const std::vector<Id> names = kScope.names(tokens);
  REQUIRE(names.size() == 3);
  tokens[99] = 5;
  CHECK(kScope.names(tokens) == names);
  tokens[40] = 5;
  const std::vector<Id> changed = kScope.names(tokens);
  CHECK(changed[0] == names[0]);
  CHECK(changed[1] != names[1]);
  CHECK(changed[2] != names[2]);
  CHECK(kScope.names(std::span(tokens).first(31)).empty());
}

TEST_CASE("a page name is the protocol's hash of its fields") {
  std::vector<TokenId> tokens(kPageTokens, 3);
  FieldHash hash;
  hash.field(kScope.numerics).field(kScope.model).field(kScope.salt).field(std::string_view{});
  hash.field(std::as_bytes(std::span(tokens))).field(std::string_view{});
  CHECK(kScope.names(tokens).front() == hash.id());
}

}  // namespace
}  // namespace pecia::kernels
