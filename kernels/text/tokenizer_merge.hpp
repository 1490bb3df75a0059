#pragma once
// The merge loop that SentencePiece-style and byte-level BPE share: of all neighbouring pairs that
// may join, join the one with the lowest priority number, leftmost first, until none is left.
// Entries (priority, place), first those of the text sorted once, then those of new neighbours in a
// heap, keep it at O(n log n): at most one for each pair at the start and two for each join, 3 n
// in all. Thread rule: one Merger per thread.

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
  // depend on nothing else. Returns how many entries there were.
  template <class Join>
  std::size_t run(const Join& join) {
    link();
    for (std::uint32_t i = 0; i < symbols_.size(); ++i) {
      if (consider(i, join)) first_.push_back(entry(i));
    }
    std::sort(first_.begin(), first_.end());
    std::size_t entries = first_.size();
    for (std::size_t taken = 0; taken < first_.size() || !heap_.empty();) {
      const bool from_heap =
          taken == first_.size() || (!heap_.empty() && heap_.front() < first_[taken]);
      const std::uint64_t least = from_heap ? pop() : first_[taken++];
      const auto left = static_cast<std::uint32_t>(least);
      if (pairs_[left].id < 0 || entry(left) != least) continue;  // a neighbour has changed since
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
    first_.clear();
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

  std::uint64_t pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const std::uint64_t least = heap_.back();
    heap_.pop_back();
    return least;
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
  std::vector<std::uint64_t> first_, heap_;  // entries
};

}  // namespace pecia::kernels
