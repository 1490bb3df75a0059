#pragma once
// Words and n-grams as numbers: two are the same number where they are the same words. An n-gram is
// known by the (n - 1)-gram it begins with and its last word, so any n costs time linear in the
// words. Thread rule: one thread a table.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pecia::kernels {

using NgramId = std::uint32_t;  // counted from 0, in the order they were met, for each n by itself

class NgramTable {
 public:
  // In the order of the words.
  std::vector<NgramId> words(std::span<const std::string> words);
  // The n-grams of what words() gave, one a place: words.size() - n + 1, or none. REQUIRES n >= 1.
  std::vector<NgramId> ngrams(std::span<const NgramId> words, int n);

 private:
  std::unordered_map<std::string, NgramId> words_;
  std::vector<std::unordered_map<std::uint64_t, NgramId>> longer_;  // [n - 2]: (n - 1)-gram, word
};

// How often each number stands there: as long as the largest needs.
std::vector<std::uint64_t> count_ids(std::span<const NgramId> ids);

// What two lists of counts share: the sum of the lesser ones.
std::uint64_t overlap(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

}  // namespace pecia::kernels
