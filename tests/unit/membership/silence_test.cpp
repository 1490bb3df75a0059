#include "runtime/membership/silence.hpp"

#include <vector>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

constexpr SilenceLimits kLimits{900, 250};
constexpr std::uint64_t kTickMs = 50;

// A loop and one node that it listens to.
class Window {
 public:
  void look(std::uint64_t for_ms) {
    for (std::uint64_t end = now_ms + for_ms; now_ms < end;) ticks.tick(now_ms += kTickMs);
  }
  void nap(std::uint64_t for_ms) { ticks.tick(now_ms += for_ms); }
  void hear() { heard_ms = ticks.awake_ms(); }
  bool silent() const { return is_silent(ticks, heard_ms, kLimits); }

  std::uint64_t now_ms = 5'000;
  OwnTicks ticks{kLimits};
  std::uint64_t heard_ms = 0;
};

Window opened() {
  Window window;
  window.ticks.tick(window.now_ms);
  window.hear();
  return window;
}

}  // namespace

TEST_CASE("a node without a report for silent_ms of on-time ticks is silent, and not before") {
  Window window = opened();
  window.look(850);
  CHECK_FALSE(window.silent());
  window.look(50);
  CHECK(window.silent());
  window.hear();
  CHECK_FALSE(window.silent());
}

TEST_CASE("a node that reports now and then is never silent") {
  Window window = opened();
  for (int i = 0; i < 100; ++i) {
    window.look(850);
    CHECK_FALSE(window.silent());
    window.hear();
  }
}

TEST_CASE("a loop that was starved for minutes condemns nobody when it wakes") {
  Window window = opened();
  window.look(850);
  window.nap(300'000);
  CHECK_FALSE(window.silent());
  SECTION("the reports that waited in the queue are read in time") {
    window.look(850);
    CHECK_FALSE(window.silent());
    window.hear();
    window.look(850);
    CHECK_FALSE(window.silent());
  }
  SECTION("a node that stays silent is found out a silent_ms later") {
    window.look(900);
    CHECK(window.silent());
  }
}

TEST_CASE("a gap of tick_late_ms is still on time, one more is a nap") {
  Window window = opened();
  for (int i = 0; i < 4; ++i) window.nap(kLimits.tick_late_ms);
  CHECK(window.silent());
  Window late = opened();
  for (int i = 0; i < 100; ++i) late.nap(kLimits.tick_late_ms + 1);
  CHECK_FALSE(late.silent());
  CHECK(late.ticks.awake_ms() == 0);
}

TEST_CASE("a loop that keeps nodding off judges nobody") {
  Window window = opened();
  for (int i = 0; i < 1'000; ++i) {
    window.look(850);
    window.nap(260);
    CHECK_FALSE(window.silent());
  }
}

TEST_CASE("a clock that jumps forward or back begins the watch anew, and does not blind it") {
  for (const bool forward : {true, false}) {
    Window window;
    window.now_ms = 10'000'000;
    window.ticks.tick(window.now_ms);
    window.hear();
    window.look(850);
    window.now_ms = forward ? 20'000'000 : 3;
    window.ticks.tick(window.now_ms);
    CHECK_FALSE(window.silent());
    window.look(850);
    CHECK_FALSE(window.silent());
    window.look(50);
    CHECK(window.silent());
  }
}

TEST_CASE("a clock that stands still lets nobody fall silent") {
  Window window = opened();
  window.look(850);
  for (int i = 0; i < 10'000; ++i) window.ticks.tick(window.now_ms);
  CHECK_FALSE(window.silent());
  window.look(50);
  CHECK(window.silent());
}

TEST_CASE("a loop that ticks in no even rhythm counts the time between, not the ticks") {
  Window window = opened();
  for (const std::uint64_t gap_ms : {1, 249, 0, 250, 150, 200, 49}) window.nap(gap_ms);
  CHECK_FALSE(window.silent());
  window.nap(1);
  CHECK(window.silent());
}

TEST_CASE("whatever the clock does, silence means silent_ms of it in unbroken steps") {
  int silent_count = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    auto draw = [seed, n = std::uint64_t{0}](std::uint64_t bound) mutable {
      return pecia::kernels::philox64(seed, n++, 0) % bound;
    };
    Window window = opened();
    std::vector<std::uint64_t> clock = {window.now_ms};  // since the last report
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t kind = draw(60);
      if (kind == 0) window.now_ms = draw(10'000);
      if (kind > 1) window.now_ms += draw(2 * kTickMs);
      window.ticks.tick(window.now_ms);
      clock.push_back(window.now_ms);
      if (kind == 59) window.hear(), clock = {window.now_ms};
      std::size_t first = clock.size() - 1;
      while (first > 0 && clock[first - 1] <= clock[first] &&
             clock[first] - clock[first - 1] <= kLimits.tick_late_ms) {
        --first;
      }
      const bool watched_long = clock.back() - clock[first] >= kLimits.silent_ms;
      REQUIRE(window.silent() == watched_long);
      silent_count += window.silent() ? 1 : 0;
    }
  }
  CHECK(silent_count > 10'000);
}
