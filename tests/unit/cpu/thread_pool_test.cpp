// The pool: every piece once, in any weather.

#include "kernels/cpu/thread_pool.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/cpu/spoiled_float_mode.hpp"

namespace {

using pecia::kernels::ThreadPool;

long voluntary_switches() {  // how often threads of this process have blocked
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}

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

TEST_CASE("members that blocked between jobs wake up, and an idle pool ends at once") {
  constexpr int kTriesMax = 1'000'000;
  ThreadPool pool(3, 0);
  for (int job = 0; job < 100; ++job) {
    const long before = voluntary_switches();
    std::atomic<int> sum = 0;
    pool.run(30, [&](std::int64_t piece, int) { sum += static_cast<int>(piece); });
    REQUIRE(sum.load() == 435);
    int tries = 0;
    while (voluntary_switches() < before + 2 && ++tries < kTriesMax) std::this_thread::yield();
    REQUIRE(tries < kTriesMax);  // both members have blocked again
  }
}

TEST_CASE("a piece that throws ends its job with that exception and leaves the pool usable") {
  for (const int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    for (int job = 0; job < 200; ++job) {
      std::atomic<int> at_work = 0;
      const auto throwing = [&](std::int64_t piece, int) {
        ++at_work;
        const bool bad = piece % 7 == 3;
        --at_work;
        if (bad) throw std::bad_alloc();
      };
      REQUIRE_THROWS_AS(pool.run(50, throwing), std::bad_alloc);
      REQUIRE(at_work.load() == 0);
      std::atomic<int> sum = 0;
      pool.run(30, [&](std::int64_t piece, int) { sum += static_cast<int>(piece); });
      REQUIRE(sum.load() == 435);
    }
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need the address space
TEST_CASE("a pool that gets only some of its threads joins them and throws") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{rlim_t{1} << 30, rlim_t{1} << 30};  // room for a part of the stacks
    setrlimit(RLIMIT_AS, &limit);
    try {
      const ThreadPool pool(1024);
    } catch (const std::system_error&) {
      _exit(0);
    } catch (const std::bad_alloc&) {
      _exit(0);
    }
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif

#if defined(__SSE2__)
TEST_CASE("pieces see round-to-nearest and denormals though the caller spoiled its float mode") {
  std::atomic<int> wrong = 0;
  ThreadPool pool(2);
  const pecia::kernels::testing::SpoiledFloatMode spoiled;
  pool.run(64, [&](std::int64_t, int) {
    volatile float denormal = 0x1p-130f;
    volatile float third = 2.0f;
    if (denormal * 0.5f != 0x1p-131f || third / 3.0f != 0x1.555556p-1f) ++wrong;
  });
  REQUIRE(wrong.load() == 0);
  REQUIRE(spoiled.still_spoiled());
}
#endif
