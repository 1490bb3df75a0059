#pragma once
// The merge list as an open hash table of pairs: one probe is one cache line, which is what the
// merge loop spends its time on. Thread rule: immutable once filled; share freely.

#include <bit>
#include <cstdint>
#include <vector>

#include "kernels/text/tokenizer_merge.hpp"

namespace pecia::kernels {

class BpeMerges {
 public:
  // At most `count` merges will be added.
  explicit BpeMerges(std::size_t count) : slots_(std::bit_ceil(2 * count + 1)) {}

  // Of a pair added twice the first stays.
  void add(std::int32_t left, std::int32_t right, MergedPair result) {
    Slot& slot = slots_[place_of(key_of(left, right))];
    if (slot.result.id < 0) slot = {key_of(left, right), result};
  }

  MergedPair find(std::int32_t left, std::int32_t right) const {
    return slots_[place_of(key_of(left, right))].result;
  }

 private:
  struct Slot {
    std::uint64_t pair = 0;
    MergedPair result;  // id < 0: the slot is free
  };

  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
  }

  // The slot of `pair`, or the free one where it would go: at least half of them are free. Spread
  // by the finaliser of splitmix64, since neighbouring ids must not share places.
  std::size_t place_of(std::uint64_t pair) const {
    std::uint64_t mixed = (pair ^ pair >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = (mixed ^ mixed >> 31) & mask;
    while (slots_[place].result.id >= 0 && slots_[place].pair != pair) place = (place + 1) & mask;
    return place;
  }

  std::vector<Slot> slots_;
};

}  // namespace pecia::kernels
