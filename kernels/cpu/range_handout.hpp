#pragma once
// Work for a pool, handed out so that each member walks one contiguous range in order: what it
// reads is then one stream, which prefetchers follow. A member whose range is done helps with the
// others', so a preempted member holds up no more than the run of indices it has claimed. Thread
// rule: claim() from any thread; the object outlives the run.

#include <algorithm>
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
      for (Run run = claim(range); run.first < run.end; run = claim(range)) {
        for (int index = run.first; index < run.end; ++index) work(index, end(range));
      }
    }
  }

 private:
  static constexpr int kShareOfRest = 4;

  struct alignas(64) Range {  // a line of its own: members write to their own range
    std::atomic<int> next = 0;
  };

  struct Run {
    int first;
    int end;
  };

  // A part of what is left, so that few claims are made and the last ones are small: a claim is a
  // locked instruction, which waits for every load before it.
  Run claim(int range) {
    std::atomic<int>& next = ranges_[range].next;
    int first = next.load(std::memory_order_relaxed);
    for (;;) {
      const int left = end(range) - first;
      if (left <= 0) return {0, 0};
      const int last = first + std::max(1, left / kShareOfRest);
      if (next.compare_exchange_weak(first, last, std::memory_order_relaxed)) return {first, last};
    }
  }

  int count_;
  std::vector<Range> ranges_;
};

}  // namespace pecia::kernels
