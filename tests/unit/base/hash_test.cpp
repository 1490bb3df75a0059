#include "kernels/base/hash.hpp"

#include <string>
#include <unordered_set>

#include "tests/catch.hpp"

using namespace pecia::kernels;

namespace {

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hex(hash.finish());
}

}  // namespace

// FIPS 180-4 examples.
TEST_CASE("SHA-256 gives the published digests") {
  REQUIRE(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  REQUIRE(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  REQUIRE(sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 does not see how its input was cut") {
  Sha256 pieces;
  for (const char c : std::string_view("abc")) pieces.update(std::string_view(&c, 1));
  REQUIRE(hex(pieces.finish()) == sha256_hex("abc"));
}

TEST_CASE("a moved Sha256 goes on where the old one stopped") {
  Sha256 first;
  first.update("a");
  Sha256 second = std::move(first);
  second.update("bc");
  REQUIRE(hex(second.finish()) == sha256_hex("abc"));
}

TEST_CASE("a field is hashed as its u32 little-endian length and its bytes") {
  using namespace std::string_view_literals;
  REQUIRE(hex(FieldHash().field("ab").field("c").digest()) ==
          sha256_hex("\x02\0\0\0ab\x01\0\0\0c"sv));
  REQUIRE(hex(FieldHash().field(std::uint32_t{0x01020304}).digest()) ==
          sha256_hex("\x04\0\0\0\x04\x03\x02\x01"sv));
  REQUIRE(hex(FieldHash().field(std::uint64_t{1}).digest()) ==
          sha256_hex("\x08\0\0\0\x01\0\0\0\0\0\0\0"sv));
}

TEST_CASE("the border between two fields is part of the hash") {
  REQUIRE(FieldHash().field("ab").field("c").digest() !=
          FieldHash().field("a").field("bc").digest());
  REQUIRE(FieldHash().field("").field("a").digest() != FieldHash().field("a").field("").digest());
}

TEST_CASE("an Id is the first 128 bits of the digest and hashes back as a field") {
  const Digest digest = FieldHash().field("page").digest();
  const Id id = FieldHash().field("page").id();
  REQUIRE(hex(digest).substr(0, 32) == hex(id));
  REQUIRE(FieldHash().field(id).digest() ==
          FieldHash().field(std::as_bytes(std::span(id))).digest());
}

// XXH3-128 of the empty input with seed 0, from the xxHash specification's test vectors.
TEST_CASE("XXH3-128 is given in canonical byte order") {
  REQUIRE(hex(xxh3_128({})) == "99aa06d3014798d86001c324468d497f");
  const std::string_view text = "pecia";
  REQUIRE(xxh3_128(std::as_bytes(std::span(text))) != xxh3_128({}));
}

TEST_CASE("Ids serve as keys of an unordered set") {
  std::unordered_set<Id, IdHash> ids;
  for (std::uint32_t i = 0; i < 100; ++i) ids.insert(FieldHash().field(i).id());
  ids.insert(FieldHash().field(std::uint32_t{7}).id());
  REQUIRE(ids.size() == 100);
  REQUIRE(ids.contains(FieldHash().field(std::uint32_t{99}).id()));
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231, test cases 1, 2 and 6") {
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  CHECK(hex(hmac_sha256(bytes(std::string(20, '\x0b')), bytes("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256(bytes("Jefe"), bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(bytes(std::string(131, '\xaa')),
                        bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmac_sha256({}, bytes("a")) != hmac_sha256(bytes("k"), bytes("a")));
}

TEST_CASE("secrets are equal where every byte and the length are") {
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  CHECK(equal_secrets(bytes("abc"), bytes("abc")));
  CHECK(equal_secrets({}, {}));
  CHECK_FALSE(equal_secrets(bytes("abc"), bytes("abd")));
  CHECK_FALSE(equal_secrets(bytes("abc"), bytes("ab")));
  CHECK_FALSE(equal_secrets({}, bytes("a")));
}
