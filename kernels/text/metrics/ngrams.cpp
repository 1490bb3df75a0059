#include "kernels/text/metrics/ngrams.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {

std::vector<NgramId> NgramTable::words(std::span<const std::string> words) {
  std::vector<NgramId> ids;
  ids.reserve(words.size());
  for (const std::string& word : words) {
    const auto next = static_cast<NgramId>(words_.size());
    ids.push_back(words_.emplace(word, next).first->second);
  }
  return ids;
}

std::vector<NgramId> NgramTable::ngrams(std::span<const NgramId> words, int n) {
  assert(n >= 1);
  const auto length = static_cast<std::size_t>(n);
  if (words.size() < length) return {};
  if (longer_.size() + 1 < length) longer_.resize(length - 1);
  std::vector<NgramId> ids(words.begin(), words.end());
  for (std::size_t added = 1; added < length; ++added) {
    auto& known = longer_[added - 1];
    ids.pop_back();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::uint64_t key = std::uint64_t{ids[i]} << 32 | words[i + added];
      ids[i] = known.emplace(key, static_cast<NgramId>(known.size())).first->second;
    }
  }
  return ids;
}

std::vector<std::uint64_t> count_ids(std::span<const NgramId> ids) {
  std::vector<std::uint64_t> counts;
  if (!ids.empty()) counts.resize(std::size_t{*std::max_element(ids.begin(), ids.end())} + 1);
  for (const NgramId id : ids) ++counts[id];
  return counts;
}

std::uint64_t overlap(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  std::uint64_t shared = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) shared += std::min(a[i], b[i]);
  return shared;
}

}  // namespace pecia::kernels
