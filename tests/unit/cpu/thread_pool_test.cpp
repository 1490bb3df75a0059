// The pool: every piece once, in any weather.

#include "kernels/cpu/thread_pool.hpp"

#include <atomic>
#include <cmath>
#include <numeric>
#include <thread>
#include <vector>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "kernels/base/float_mode.hpp"
#include "tests/catch.hpp"

namespace {

using pecia::kernels::FloatModeGuard;
using pecia::kernels::ThreadPool;

}  // namespace

TEST_CASE("every piece runs exactly once, whatever the number of pieces and members") {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    REQUIRE(pool.threads() == threads);
    for (const int pieces : {0, 1, 2, 7, 100, 5'000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(pieces));
      pool.run(pieces, [&](std::int64_t piece, int member) {
        if (member < 0 || member >= threads) std::terminate();
        runs[static_cast<std::size_t>(piece)].fetch_add(1);
      });
      for (const std::atomic<int>& count : runs) REQUIRE(count.load() == 1);
    }
  }
}

TEST_CASE("what pieces wrote is visible when run returns, job after job") {
  ThreadPool pool(4);
  std::vector<std::int64_t> values(64);
  for (std::int64_t job = 0; job < 20'000; ++job) {
    pool.run(64,
             [&](std::int64_t piece, int) { values[static_cast<std::size_t>(piece)] += piece; });
  }
  for (std::int64_t piece = 0; piece < 64; ++piece) {
    REQUIRE(values[static_cast<std::size_t>(piece)] == piece * 20'000);
  }
}

TEST_CASE("members that slept between jobs wake up, and an idle pool ends at once") {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool(3);
    std::atomic<int> sum = 0;
    pool.run(30, [&](std::int64_t piece, int) { sum += static_cast<int>(piece); });
    std::this_thread::yield();
    pool.run(30, [&](std::int64_t piece, int) { sum += static_cast<int>(piece); });
    REQUIRE(sum.load() == 2 * 435);
  }
}

#if defined(__SSE2__)
TEST_CASE("pieces see round-to-nearest and denormals though the caller spoiled its float mode") {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040u | 0x6000u);  // flush to zero, denormals are zero, round toward zero
  std::atomic<int> wrong = 0;
  ThreadPool pool(2);
  pool.run(64, [&](std::int64_t, int) {
    volatile float denormal = 0x1p-130f;
    volatile float third = 2.0f;
    if (denormal * 0.5f != 0x1p-131f || third / 3.0f != 0x1.555556p-1f) ++wrong;
  });
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  REQUIRE(wrong.load() == 0);
  REQUIRE((after & ~0x3Fu) == ((before | 0xE040u) & ~0x3Fu));  // the caller's mode is given back
}
#endif
