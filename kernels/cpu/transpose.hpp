#pragma once
// Squares of 16-byte rows, transposed in registers: 4 x 4 of 32-bit or 8 x 8 of 16-bit elements.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa/unroll.hpp"

namespace pecia::kernels {

template <class Element>
using Line [[gnu::vector_size(16)]] = Element;

template <class Element>
constexpr int kSide = static_cast<int>(16 / sizeof(Element));

// a0 b0 a1 b1 ... of the lower or of the upper halves of a and b.
inline Line<std::uint32_t> interleave_low(Line<std::uint32_t> a, Line<std::uint32_t> b) {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
inline Line<std::uint32_t> interleave_high(Line<std::uint32_t> a, Line<std::uint32_t> b) {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
inline Line<std::uint16_t> interleave_low(Line<std::uint16_t> a, Line<std::uint16_t> b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline Line<std::uint16_t> interleave_high(Line<std::uint16_t> a, Line<std::uint16_t> b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Element j of the 16 bytes at in[i] goes to place i of the 16 bytes at out + j * stride. Every
// stage interleaves the first half of the rows with the second, which rotates the index bits.
template <class Element>
void transpose_square(const std::uint8_t* const* in, std::size_t offset, std::uint8_t* out,
                      std::size_t stride) {
  constexpr int kRows = kSide<Element>;
  Line<Element> rows[kRows], mixed[kRows];
  PECIA_UNROLL for (int i = 0; i < kRows; ++i)
      std::memcpy(&rows[i], in[i] + offset, sizeof rows[i]);
  PECIA_UNROLL for (int stage = 1; stage < kRows; stage *= 2) {
    PECIA_UNROLL for (int i = 0; i < kRows / 2; ++i) {
      mixed[2 * i] = interleave_low(rows[i], rows[i + kRows / 2]);
      mixed[2 * i + 1] = interleave_high(rows[i], rows[i + kRows / 2]);
    }
    PECIA_UNROLL for (int i = 0; i < kRows; ++i) rows[i] = mixed[i];
  }
  PECIA_UNROLL for (int j = 0; j < kRows; ++j)
      std::memcpy(out + j * stride, &rows[j], sizeof rows[j]);
}

}  // namespace pecia::kernels
