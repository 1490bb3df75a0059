#include "kernels/text/metrics/lcs.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace pecia::kernels {
namespace {

constexpr std::size_t kWordBits = 64;

// A row of the table of lengths: bit j is 0 where taking b[j] too makes the length one more.
using Row = std::vector<std::uint64_t>;

class Rows {
 public:
  explicit Rows(std::span<const std::uint32_t> b)
      : row_((b.size() + kWordBits - 1) / kWordBits, ~std::uint64_t{0}), matches_(row_.size(), 0) {
    for (std::size_t j = 0; j < b.size(); ++j) places_[b[j]].push_back(j);
  }

  const Row& row() const { return row_; }  // of all symbols so far

  void take(std::uint32_t symbol) {
    const auto found = places_.find(symbol);
    if (found == places_.end()) return;
    for (const std::size_t j : found->second) matches_[j / kWordBits] |= bit_of(j);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const std::uint64_t old = row_[i], shared = old & matches_[i];
      const std::uint64_t with_carry = old + carry, sum = with_carry + shared;
      carry = (with_carry < carry || sum < shared) ? 1 : 0;
      row_[i] = sum | (old & ~matches_[i]);
    }
    for (const std::size_t j : found->second) matches_[j / kWordBits] = 0;
  }

 private:
  static std::uint64_t bit_of(std::size_t j) { return std::uint64_t{1} << j % kWordBits; }

  std::unordered_map<std::uint32_t, std::vector<std::size_t>> places_;  // in b
  Row row_;
  Row matches_;  // where b has the symbol
};

// The length for the first `count` of b.
std::size_t length_in(const Row& row, std::size_t count) {
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < count / kWordBits; ++i) {
    zeros += static_cast<std::size_t>(std::popcount(~row[i]));
  }
  if (count % kWordBits == 0) return zeros;
  const std::uint64_t below = (std::uint64_t{1} << count % kWordBits) - 1;
  return zeros + static_cast<std::size_t>(std::popcount(~row[count / kWordBits] & below));
}

}  // namespace

std::size_t lcs_length(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  Rows rows(b);
  for (const std::uint32_t symbol : a) rows.take(symbol);
  return length_in(rows.row(), b.size());
}

std::vector<std::size_t> lcs_places(std::span<const std::uint32_t> a,
                                    std::span<const std::uint32_t> b) {
  Rows rows(b);
  std::vector<Row> table{rows.row()};
  for (const std::uint32_t symbol : a) {
    rows.take(symbol);
    table.push_back(rows.row());
  }
  std::vector<std::size_t> places;
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      places.push_back(--i);
      --j;
    } else if (length_in(table[i], j - 1) > length_in(table[i - 1], j)) {
      --j;
    } else {
      --i;
    }
  }
  std::reverse(places.begin(), places.end());
  return places;
}

}  // namespace pecia::kernels
