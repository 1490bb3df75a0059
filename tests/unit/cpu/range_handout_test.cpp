#include "kernels/cpu/range_handout.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "kernels/cpu/thread_pool.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {

TEST_CASE("every index of every range is worked on once, whoever helps") {
  ThreadPool pool(3);
  for (const int count : {0, 1, 2, 3, 7, 64, 1'000}) {
    for (const int ranges : {1, 2, 3, 5}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      RangeHandout handout(count, ranges);
      pool.run(ranges, [&](std::int64_t own, int) {
        handout.drain(static_cast<int>(own), [&](int index, int) { ++visits[index]; });
      });
      REQUIRE(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; }));
    }
  }
}

TEST_CASE("a member walks its own range in order and then helps with the others") {
  RangeHandout handout(10, 3);  // [0, 3), [3, 6), [6, 10)
  std::vector<int> order, ends;
  handout.drain(1, [&](int index, int end) {
    order.push_back(index);
    ends.push_back(end);
  });
  CHECK(order == std::vector<int>{3, 4, 5, 6, 7, 8, 9, 0, 1, 2});
  CHECK(ends == std::vector<int>{6, 6, 6, 10, 10, 10, 10, 3, 3, 3});
}

TEST_CASE("a member that comes late finds nothing to do") {
  RangeHandout handout(4, 2);
  handout.drain(0, [](int, int) {});
  handout.drain(1, [](int index, int) { FAIL("index " << index << " was handed out again"); });
}

}  // namespace pecia::kernels
