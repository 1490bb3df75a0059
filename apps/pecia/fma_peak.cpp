#include "apps/pecia/fma_peak.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "apps/pecia/bandwidth.hpp"
#include "apps/pecia/stopwatch.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pecia::apps {

using namespace kernels;

#if defined(__x86_64__)

namespace {

constexpr int kRounds = 4'000'000;
constexpr int kRuns = 5;

// Ten independent chains keep both units of any CPU with a latency of at most five cycles busy.
[[gnu::target("avx512f")]] float burst_avx512(int rounds) {
  __m512 sum[10];
  for (__m512& s : sum) s = _mm512_set1_ps(1.0f);
  const __m512 x = _mm512_set1_ps(0.999f);
  for (int i = 0; i < rounds; ++i) {
#pragma GCC unroll 10
    for (__m512& s : sum) s = _mm512_fmadd_ps(s, x, x);
  }
  for (const __m512& s : sum) sum[0] = _mm512_add_ps(sum[0], s);
  return sum[0][0];
}

[[gnu::target("avx2,fma")]] float burst_avx2(int rounds) {
  __m256 sum[10];
  for (__m256& s : sum) s = _mm256_set1_ps(1.0f);
  const __m256 x = _mm256_set1_ps(0.999f);
  for (int i = 0; i < rounds; ++i) {
#pragma GCC unroll 10
    for (__m256& s : sum) s = _mm256_fmadd_ps(s, x, x);
  }
  for (const __m256& s : sum) sum[0] = _mm256_add_ps(sum[0], s);
  return sum[0][0];
}

}  // namespace

double fma_peak_gflop_s(ThreadPool& pool, Isa isa) {
  if (isa == Isa::portable) return 0;
  const auto burst = isa == Isa::avx512 ? burst_avx512 : burst_avx2;
  std::atomic<float> sink = 0;  // so that no burst is left out
  std::vector<double> seconds;
  for (int run = 0; run <= kRuns; ++run) {  // the first warms up
    const Stopwatch watch;
    pool.run(pool.threads(),
             [&](std::int64_t, int) { sink.store(burst(kRounds), std::memory_order_relaxed); });
    if (run > 0) seconds.push_back(watch.seconds());
  }
  const double lanes = isa == Isa::avx512 ? 16 : 8;
  return 2.0 * lanes * 10 * kRounds * pool.threads() / median(std::move(seconds)) * 1e-9;
}

#else

double fma_peak_gflop_s(ThreadPool&, Isa) { return 0; }

#endif

}  // namespace pecia::apps
