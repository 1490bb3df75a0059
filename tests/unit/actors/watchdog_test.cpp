#include "actors/node/watchdog.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/catch.hpp"

namespace pecia::actors {

TEST_CASE("a loop that stands still for the limit is found, and none that turns") {
  WatchdogCore core(2, 1'000, 500);
  CHECK_FALSE(core.look({1, 1}, 0));
  CHECK_FALSE(core.look({2, 1}, 500));
  CHECK(core.look({3, 1}, 1'000) == 1);
}

TEST_CASE("a turn starts the count anew") {
  WatchdogCore core(1, 1'000, 500);
  core.look({1}, 0);
  CHECK_FALSE(core.look({1}, 500));
  CHECK_FALSE(core.look({2}, 999));
  CHECK_FALSE(core.look({2}, 1'499));
  CHECK(core.look({2}, 1'999) == 0);
}

TEST_CASE("time in which the watchdog did not run counts against nobody") {
  WatchdogCore core(1, 1'000, 500);
  core.look({1}, 0);
  CHECK_FALSE(core.look({1}, 60'000));  // stopped, and continued
  CHECK_FALSE(core.look({1}, 60'500));
  CHECK(core.look({1}, 61'000) == 0);
}

TEST_CASE("a watchdog tells of the loop that stands still, and ends when it is told to") {
  std::mutex mutex;
  std::condition_variable told;
  std::string name;
  std::atomic<std::uint64_t> turns = 0;
  const Watchdog dog(
      {{"lively", [&turns] { return ++turns; }}, {"dead", [] { return std::uint64_t{7}; }}}, 1,
      [&](const std::string& still) {
        const std::lock_guard lock(mutex);
        name = still;
        told.notify_all();
      });
  std::unique_lock lock(mutex);
  REQUIRE(told.wait_for(lock, std::chrono::seconds(60), [&] { return !name.empty(); }));
  CHECK(name == "dead");
}

}  // namespace pecia::actors
