#pragma once
// The fused multiply-adds this machine can do, measured: the denominator of the benchmarks.

#include "tests/bench/bench_support.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pecia::kernels::bench {

#if defined(__x86_64__)
// Ten independent chains keep both units of any CPU with a latency of at most five cycles busy.
[[gnu::target("avx512f")]] inline float fma_burst_avx512(int rounds) {
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

[[gnu::target("avx2,fma")]] inline float fma_burst_avx2(int rounds) {
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
#endif

// GFLOP/s of all threads together; 0 where unknown.
inline double fma_peak(ThreadPool& pool, Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::portable) return 0;
  constexpr int kRounds = 4'000'000;
  const auto burst = isa == Isa::avx512 ? fma_burst_avx512 : fma_burst_avx2;
  volatile float sink = 0;
  const double seconds = median_seconds(
      kRuns, [&] { pool.run(pool.threads(), [&](std::int64_t, int) { sink = burst(kRounds); }); });
  const double lanes = isa == Isa::avx512 ? 16 : 8;
  return 2.0 * lanes * 10 * kRounds * pool.threads() / seconds * 1e-9;
#else
  return (void)pool, (void)isa, 0.0;
#endif
}

}  // namespace pecia::kernels::bench
