#include "kernels/base/philox.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace pecia::kernels;

// Known answers published with Random123 (kat_vectors, philox4x32-10).
TEST_CASE("philox gives the known answers published by its authors") {
  STATIC_REQUIRE(philox({0, 0, 0, 0}, {0, 0}) ==
                 PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  STATIC_REQUIRE(
      philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
      PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  STATIC_REQUIRE(
      philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
      PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("philox64 takes position and draw as the counter, low words first") {
  const PhiloxBlock block =
      philox({0x55667788, 0x11223344, 0xddeeff00, 0x99aabbcc}, {0x89abcdef, 0x01234567});
  const std::uint64_t expected = std::uint64_t{block[1]} << 32 | block[0];
  REQUIRE(philox64(0x0123456789abcdef, 0x1122334455667788, 0x99aabbccddeeff00) == expected);
}

TEST_CASE("neighbouring keys, positions and draws never share a value") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t key = 0; key < 16; ++key) {
    for (std::uint64_t position = 0; position < 16; ++position) {
      for (std::uint64_t draw = 0; draw < 16; ++draw) seen.insert(philox64(key, position, draw));
    }
  }
  REQUIRE(seen.size() == 16 * 16 * 16);
}

TEST_CASE("unit doubles begin at zero and never reach one") {
  STATIC_REQUIRE(unit_double(0) == 0.0);
  STATIC_REQUIRE(unit_double(std::uint64_t{1} << 63) == 0.5);
  STATIC_REQUIRE(unit_double(~std::uint64_t{0}) == 1.0 - 0x1.0p-53);
  STATIC_REQUIRE(unit_double((std::uint64_t{1} << 11) - 1) == 0.0);
}
