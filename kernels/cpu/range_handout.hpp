#pragma once
// Work for a pool, handed out so that each member walks one contiguous range in order: what it
// reads is then one stream, which prefetchers follow. A member whose range is done helps with the
// others', so a preempted member holds up no more than the one index it is at. Thread rule: claim()
// from any thread; the object outlives the run.

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pecia::kernels {

class RangeHandout {
 public:
  RangeHandout(int count, int ranges) : count_(count), ranges_(static_cast<std::size_t>(ranges)) {
    assert(count >= 0 && ranges >= 1);
    for (int range = 0; range < ranges; ++range) ranges_[range].next = begin(range);
  }

  int ranges() const { return static_cast<int>(ranges_.size()); }
  int begin(int range) const { return static_cast<int>(std::int64_t{count_} * range / ranges()); }
  int end(int range) const { return begin(range + 1); }

  // Calls work(index, end of its range) until nothing is left in any range, its own first.
  template <class Work>
  void drain(int own, const Work& work) {
    for (int step = 0; step < ranges(); ++step) {
      const int range = (own + step) % ranges();
      for (int index; (index = claim(range)) < end(range);) work(index, end(range));
    }
  }

 private:
  struct alignas(64) Range {  // a line of its own: members write to their own range
    std::atomic<int> next = 0;
  };

  int claim(int range) { return ranges_[range].next.fetch_add(1, std::memory_order_relaxed); }

  int count_;
  std::vector<Range> ranges_;
};

}  // namespace pecia::kernels
