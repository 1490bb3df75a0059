#pragma once
// The 32 rows of a file that become one panel, read side by side.

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/cpu/packed_layout.hpp"
#include "kernels/cpu/transpose.hpp"

namespace pecia::kernels {

// Where the rows of a panel lie. A row behind the matrix's last one reads zeros, again and again.
struct PanelRows {
  static constexpr std::size_t kZeroBytes = 256;      // longer than any record's part of a row
  static constexpr std::size_t kPrefetchBytes = 512;  // ahead in each row hides DRAM's latency

  std::array<const std::uint8_t*, kPanelRows> first;
  std::array<bool, kPanelRows> is_zero{};

  // Every row's bytes from `offset` on.
  std::array<const std::uint8_t*, kPanelRows> at(std::size_t offset) const {
    std::array<const std::uint8_t*, kPanelRows> rows;
    for (int lane = 0; lane < kPanelRows; ++lane) {
      rows[lane] = is_zero[lane] ? first[lane] : first[lane] + offset;
      __builtin_prefetch(rows[lane] + kPrefetchBytes, 0, 0);
    }
    return rows;
  }
};

// Line i of `lines` becomes element i of every row, for the 16 / sizeof(Element) elements that
// follow `offset`.
template <class Element>
void pack_lines(const std::array<const std::uint8_t*, kPanelRows>& rows, std::size_t offset,
                std::uint8_t* lines) {
  constexpr std::size_t kLine = kPanelRows * sizeof(Element);
  for (int lane = 0; lane < kPanelRows; lane += kSide<Element>) {
    transpose_square<Element>(&rows[lane], offset, lines + lane * sizeof(Element), kLine);
  }
}

}  // namespace pecia::kernels
