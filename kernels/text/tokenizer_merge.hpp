#pragma once
// The merge loop that SentencePiece-style and byte-level BPE share: of all neighbouring pairs that
// may join, join the one with the lowest priority number, leftmost first, until none is left.
// A binary heap of (priority, place) keeps it at O(n log n): at most one entry per pair at the
// start and two per join, so 3 n in all. Thread rule: one Merger per thread.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <vector>

namespace pecia::kernels {

struct MergeSymbol {
  std::uint32_t begin = 0, bytes = 0;  // of the text; bytes == 0: joined into its left neighbour
  std::int32_t id = -1;                // the caller's name for it
};

struct MergedPair {
  std::uint32_t priority = 0;
  std::int32_t id = -1;  // of the joined symbol; -1: these two do not join
};

class Merger {
 public:
  std::vector<MergeSymbol>& symbols() { return symbols_; }

  // Joins symbols() in place. `join(left, right)` gives the MergedPair of two neighbours and must
  // depend on nothing else. Returns how many entries went through the heap.
  template <class Join>
  std::size_t run(const Join& join) {
    link();
    for (std::uint32_t i = 0; i < symbols_.size(); ++i) {
      if (consider(i, join)) heap_.push_back(entry(i));
    }
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    std::size_t entries = heap_.size();
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const std::uint64_t top = heap_.back();
      heap_.pop_back();
      const auto left = static_cast<std::uint32_t>(top);
      if (pairs_[left].id < 0 || entry(left) != top) continue;  // one of the two has changed since
      absorb_right(left);
      entries += push(left, join);
      if (previous_[left] != kNone) entries += push(previous_[left], join);
    }
    std::erase_if(symbols_, [](const MergeSymbol& symbol) { return symbol.bytes == 0; });
    return entries;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void link() {
    assert(symbols_.size() < kNone);
    const auto count = static_cast<std::uint32_t>(symbols_.size());
    heap_.clear();
    pairs_.assign(count, {});
    previous_.resize(count);
    next_.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      previous_[i] = i == 0 ? kNone : i - 1;
      next_[i] = i + 1 == count ? kNone : i + 1;
    }
  }

  std::uint64_t entry(std::uint32_t left) const {
    return std::uint64_t{pairs_[left].priority} << 32 | left;
  }

  template <class Join>
  bool consider(std::uint32_t left, const Join& join) {
    const std::uint32_t right = next_[left];
    pairs_[left] = right == kNone ? MergedPair{} : join(symbols_[left], symbols_[right]);
    return pairs_[left].id >= 0;
  }

  template <class Join>
  std::size_t push(std::uint32_t left, const Join& join) {
    if (!consider(left, join)) return 0;
    heap_.push_back(entry(left));
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    return 1;
  }

  void absorb_right(std::uint32_t left) {
    const std::uint32_t right = next_[left];
    symbols_[left].bytes += symbols_[right].bytes;
    symbols_[left].id = pairs_[left].id;
    symbols_[right].bytes = 0;
    pairs_[right].id = -1;
    next_[left] = next_[right];
    if (next_[left] != kNone) previous_[next_[left]] = left;
  }

  std::vector<MergeSymbol> symbols_;
  std::vector<MergedPair> pairs_;  // by left symbol: what it and its right neighbour would become
  std::vector<std::uint32_t> previous_, next_;
  std::vector<std::uint64_t> heap_;
};

}  // namespace pecia::kernels
