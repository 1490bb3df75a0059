// Speed of paged attention alone, RoPE and the storing of K and V included.
//   attention_bench [heads] [kv_heads] [head_dim] [context] [threads] [isa]
// Prompts: GFLOP/s (4 * head_dim a query, key and head) and the share of the FMA peak measured in
// the same call. Generation: microseconds a token and GB/s of K and V read.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "kernels/base/philox.hpp"
#include "kernels/cpu/attention.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using namespace pecia::kernels;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median_seconds(int runs, const std::function<void()>& work) {
  std::vector<double> seconds(runs);
  for (double& s : seconds) s = seconds_of(work);
  std::sort(seconds.begin(), seconds.end());
  return seconds[runs / 2];
}

#if defined(__x86_64__)
// Ten independent chains keep both units of any CPU with a latency of at most five cycles busy.
[[gnu::target("avx512f")]] float fma_burst_avx512(int rounds) {
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

[[gnu::target("avx2,fma")]] float fma_burst_avx2(int rounds) {
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
double fma_peak(ThreadPool& pool, Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::portable) return 0;
  constexpr int kRounds = 4'000'000;
  const auto burst = isa == Isa::avx512 ? fma_burst_avx512 : fma_burst_avx2;
  volatile float sink = 0;
  const double seconds = median_seconds(
      5, [&] { pool.run(pool.threads(), [&](std::int64_t, int) { sink = burst(kRounds); }); });
  const double lanes = isa == Isa::avx512 ? 16 : 8;
  return 2.0 * lanes * 10 * kRounds * pool.threads() / seconds * 1e-9;
#else
  return (void)pool, (void)isa, 0.0;
#endif
}

void fill(const Rows& rows, std::uint64_t seed) {
  for (std::size_t i = 0; i < rows.floats(); ++i) {
    rows.data[i] = static_cast<float>(unit_double(philox64(seed, i, 0))) * 4 - 2;
  }
}

struct Sequence {
  std::vector<std::vector<std::uint16_t>> pages;

  Sequence(const AttentionShape& shape, int context)
      : pages((context + kPageTokens - 1) / kPageTokens,
              std::vector<std::uint16_t>(shape.layer_page_halves())) {}
  AttentionSpan span(int first_row, int rows, int first_position) {
    AttentionSpan span{first_row, rows, first_position, {}};
    for (auto& page : pages) span.pages.push_back(page.data());
    return span;
  }
};

struct Batch {
  RowsBuffer q_buffer, k_buffer, v_buffer, out_buffer;
  Rows q, k, v, out;

  Batch(const AttentionShape& shape, int rows)
      : q(q_buffer.shaped(rows, shape.heads * shape.head_dim)),
        k(k_buffer.shaped(rows, shape.kv_heads * shape.head_dim)),
        v(v_buffer.shaped(rows, shape.kv_heads * shape.head_dim)),
        out(out_buffer.shaped(rows, shape.heads * shape.head_dim)) {
    fill(q, 1), fill(k, 2), fill(v, 3);
  }
};

struct Bench {
  ThreadPool& pool;
  const KernelTable& kernels;
  AttentionShape shape;
  RopeTable rope;
  AttentionScratch scratch;

  void run(const std::vector<AttentionSpan>& spans, const Batch& b) {
    attend(pool, kernels, scratch, shape, rope, spans, b.q, b.k, b.v, b.out);
  }
};

void bench_prompt(Bench& bench, int context, double peak) {
  constexpr int kChunk = 512;
  Sequence sequence(bench.shape, context);
  double flop = 0, seconds = 0;
  for (int first = 0; first < context; first += kChunk) {
    const int rows = std::min(kChunk, context - first);
    const Batch batch(bench.shape, rows);
    const std::vector<AttentionSpan> spans{sequence.span(0, rows, first)};
    seconds += seconds_of([&] { bench.run(spans, batch); });
    const double keys = rows * (first + (rows + 1) / 2.0);
    flop += 4.0 * bench.shape.head_dim * bench.shape.heads * keys;
  }
  fmt::print("prompt of {}, chunks of {}: {:.0f} ms, {:.1f} GFLOP/s, {:.0f}% of the FMA peak\n",
             context, kChunk, seconds * 1e3, flop / seconds * 1e-9,
             peak > 0 ? 100 * flop / seconds * 1e-9 / peak : 0.0);
}

void bench_generation(Bench& bench, int sequences, int context) {
  std::vector<Sequence> all(sequences, Sequence(bench.shape, context));
  const Batch batch(bench.shape, sequences);
  std::vector<AttentionSpan> spans;
  for (int i = 0; i < sequences; ++i) spans.push_back(all[i].span(i, 1, context - 1));
  bench.run(spans, batch);
  const double seconds = median_seconds(21, [&] { bench.run(spans, batch); });
  const double bytes = 2.0 * static_cast<double>(bench.shape.layer_page_halves()) *
                       static_cast<double>(all[0].pages.size()) * sequences;
  fmt::print("generation, {} sequences of {}: {:.1f} us a step, {:.1f} GB/s of K and V\n",
             sequences, context, seconds * 1e6, bytes / seconds * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::atoi(argv[index]) : otherwise;
  };
  const AttentionShape shape{number(1, 9), number(2, 3), number(3, 64)};
  const int context = number(4, 8192);
  const auto isa = choose_isa(argc > 6 ? argv[6] : "");
  if (!isa) return fmt::print(stderr, "{}\n", isa.error().message), 2;
  ThreadPool pool(number(5, 2));
  Bench bench{pool, kernel_table(*isa), shape, RopeTable(shape.head_dim, 1e4, 1, {}), {}};
  bench.rope.extend(context);
  const double peak = fma_peak(pool, *isa);
  fmt::print("{}: {} heads, {} kv heads of {}, {} threads, FMA peak {:.0f} GFLOP/s\n",
             bench.kernels.name, shape.heads, shape.kv_heads, shape.head_dim, pool.threads(), peak);
  bench_prompt(bench, context, peak);
  for (const int sequences : {1, 16}) bench_generation(bench, sequences, context);
  return 0;
}
