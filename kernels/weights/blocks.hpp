#pragma once
// The blocks of the quantised formats as they lie in a file (ggml-org/ggml, ggml-common.h), and how
// to read them: 32 codes at a time, with the scale and the minimum that go with them. A weight is
// scale * (code - kOffset) + minimum.
//   Q4_0  32 elements: f16 d, 16 bytes; low nibble element i, high i + 16
//   Q4_1  as Q4_0, with a f16 minimum
//   Q5_0, Q5_1  as Q4_0 and Q4_1, with a fifth bit of every code: bit i of `high` is element i's
//   Q8_0  32 elements: f16 d, then 32 x i8
//   Q4_K  256 elements: f16 d and dmin, for each 32 of them 6 bits of scale and of minimum, then
//         128 bytes: low nibbles 32 elements, high nibbles the next 32
//   Q5_K  as Q4_K, with a fifth bit: bit j of byte i of `high` is element 32 * j + i's
//   Q6_K  256 elements: 4 low and 2 high bits each, an i8 factor for each 16, f16 d
// Thread rule: pure functions.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/weights/half.hpp"

namespace pecia::kernels {

inline constexpr int kQuantBlock = 32;   // elements that share a scale
inline constexpr int kGroupBlock = 256;  // elements that share the f16 scales of a K format

struct BlockQ8_0 {
  std::uint16_t scale;  // f16 bits, as all scales and minimums
  std::int8_t codes[kQuantBlock];
};
static_assert(sizeof(BlockQ8_0) == 34);

struct BlockQ4_0 {
  static constexpr int kOffset = 8;
  std::uint16_t scale;
  std::uint8_t codes[kQuantBlock / 2];
};
static_assert(sizeof(BlockQ4_0) == 18);

struct BlockQ4_1 {
  static constexpr int kOffset = 0;
  std::uint16_t scale;
  std::uint16_t min;
  std::uint8_t codes[kQuantBlock / 2];
};
static_assert(sizeof(BlockQ4_1) == 20);

struct BlockQ5_0 {
  static constexpr int kOffset = 16;
  std::uint16_t scale;
  std::uint8_t high[4];
  std::uint8_t codes[kQuantBlock / 2];
};
static_assert(sizeof(BlockQ5_0) == 22);

struct BlockQ5_1 {
  static constexpr int kOffset = 0;
  std::uint16_t scale;
  std::uint16_t min;
  std::uint8_t high[4];
  std::uint8_t codes[kQuantBlock / 2];
};
static_assert(sizeof(BlockQ5_1) == 24);

struct BlockQ4_K {
  static constexpr int kOffset = 0;
  std::uint16_t scale;
  std::uint16_t min;
  std::uint8_t factors[12];
  std::uint8_t codes[kGroupBlock / 2];
};
static_assert(sizeof(BlockQ4_K) == 144);

struct BlockQ5_K {
  static constexpr int kOffset = 0;
  std::uint16_t scale;
  std::uint16_t min;
  std::uint8_t factors[12];
  std::uint8_t high[kGroupBlock / 8];
  std::uint8_t codes[kGroupBlock / 2];
};
static_assert(sizeof(BlockQ5_K) == 176);

struct BlockQ6_K {
  static constexpr int kOffset = 32;
  std::uint8_t codes[kGroupBlock / 2];
  std::uint8_t high[kGroupBlock / 4];
  std::int8_t factors[kGroupBlock / 16];
  std::uint16_t scale;
};
static_assert(sizeof(BlockQ6_K) == 210);

template <class Block>
inline constexpr bool kHasMin = requires(Block block) {
  block.min;
};
template <class Block>
inline constexpr bool kIsGrouped = requires(Block block) {
  block.factors;
};
template <class Block>
inline constexpr int kBlockElements = kIsGrouped<Block> ? kGroupBlock : kQuantBlock;

// -- codes ----------------------------------------------------------------------------------------

// 32 unsigned codes in order, as bytes of little-endian words.
using CodeWords = std::array<std::uint64_t, 4>;

inline constexpr std::uint64_t kEachByte = 0x0101010101010101u;

inline std::uint64_t word_at(const std::uint8_t* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Byte i is 1 where bit i is set.
constexpr std::uint64_t spread_bits(std::uint8_t bits) {
  const std::uint64_t one_each = bits * kEachByte & 0x8040201008040201u;
  return (one_each + 0x7F * kEachByte) >> 7 & kEachByte;
}

constexpr std::uint64_t nibbles(std::uint64_t word, bool upper) {
  return (upper ? word >> 4 : word) & 15 * kEachByte;
}

// The codes of elements [32 * sub, 32 * sub + 32) of a block.
template <class Block>
CodeWords codes_of(const Block& block, int sub) {
  CodeWords words;
  for (int i = 0; i < 4; ++i) {
    words[i] = kIsGrouped<Block>
                   ? nibbles(word_at(block.codes + sub / 2 * 32 + i * 8), sub % 2 == 1)
                   : nibbles(word_at(block.codes + i % 2 * 8), i >= 2);
    if constexpr (requires { block.high; }) {
      words[i] |= (kIsGrouped<Block> ? word_at(block.high + i * 8) >> sub & kEachByte
                                     : spread_bits(block.high[i]))
                  << 4;
    }
  }
  return words;
}

// Halves of 128 elements: 64 bytes hold elements i and i + 64, 32 bytes the upper bits of elements
// i, i + 32, i + 64 and i + 96.
inline CodeWords codes_of(const BlockQ6_K& block, int sub) {
  const int half = sub / 4, quarter = sub % 4;
  CodeWords words;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t high = word_at(block.high + half * 32 + i * 8) >> (2 * quarter);
    words[i] = nibbles(word_at(block.codes + half * 64 + quarter % 2 * 32 + i * 8), quarter >= 2) |
               (high & 3 * kEachByte) << 4;
  }
  return words;
}

// -- scales ---------------------------------------------------------------------------------------

// The 6-bit factors of 32 elements of a Q4_K or Q5_K block: the first four pairs lie in the low
// bits of bytes 0..3 and 4..7, the others in nibbles of bytes 8..11 and the two bits left above.
struct Factors {
  std::uint8_t scale;
  std::uint8_t min;
};
constexpr Factors factors_of(const std::uint8_t (&bytes)[12], int sub) {
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  if (sub < 4) return {byte(bytes[sub] & 63), byte(bytes[sub + 4] & 63)};
  return {byte((bytes[sub + 4] & 15) | bytes[sub - 4] >> 6 << 4),
          byte(bytes[sub + 4] >> 4 | bytes[sub] >> 6 << 4)};
}

}  // namespace pecia::kernels
