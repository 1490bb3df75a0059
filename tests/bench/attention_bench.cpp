// Speed of paged attention alone, RoPE and the storing of K and V included.
//   attention_bench [--heads N] [--kv-heads N] [--head-dim N] [--context N] [-t N] [--cpu NAME]
// Prompts: GFLOP/s (4 * head_dim a query, key and head) and the share of the FMA peak measured in
// the same call. Generation: microseconds a token and GB/s of K and V read.

#include <algorithm>
#include <vector>

#include "apps/pecia/fma_peak.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/cpu/attention.hpp"
#include "tests/bench/bench_support.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::bench;

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
  std::vector<std::vector<AttentionSpan>> chunks;
  double flop = 0;
  for (int first = 0; first < context; first += kChunk) {
    const int rows = std::min(kChunk, context - first);
    chunks.push_back({sequence.span(0, rows, first)});
    const double keys = rows * (first + (rows + 1) / 2.0);
    flop += 4.0 * bench.shape.head_dim * bench.shape.heads * keys;
  }
  const Batch whole(bench.shape, kChunk), last(bench.shape, chunks.back()[0].rows);
  const double seconds = median_seconds(kRuns, [&] {
    for (const auto& spans : chunks) bench.run(spans, spans[0].rows == kChunk ? whole : last);
  });
  fmt::print("prompt of {}, chunks of {}: {:.0f} ms, {:.1f} GFLOP/s, {:.0f}% of the FMA peak\n",
             context, kChunk, seconds * 1e3, flop / seconds * 1e-9,
             peak > 0 ? 100 * flop / seconds * 1e-9 / peak : 0.0);
}

void bench_generation(Bench& bench, int sequences, int context) {
  std::vector<Sequence> all(sequences, Sequence(bench.shape, context));
  const Batch batch(bench.shape, sequences);
  std::vector<AttentionSpan> spans;
  spans.reserve(all.size());
  for (int i = 0; i < sequences; ++i) spans.push_back(all[i].span(i, 1, context - 1));
  const double seconds = median_seconds(21, [&] { bench.run(spans, batch); });
  const double bytes = 2.0 * static_cast<double>(bench.shape.layer_page_halves()) *
                       static_cast<double>(all[0].pages.size()) * sequences;
  fmt::print("generation, {} sequences of {}: {:.1f} us a step, {:.1f} GB/s of K and V\n",
             sequences, context, seconds * 1e6, bytes / seconds * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  AttentionShape shape{9, 3, 64};
  int context = 8192;
  MachineOptions machine;
  CLI::App app("Speed of paged attention alone");
  app.add_option("--heads", shape.heads, "query heads")->check(CLI::Range(1, 1024));
  app.add_option("--kv-heads", shape.kv_heads, "heads of K and V")->check(CLI::Range(1, 1024));
  app.add_option("--head-dim", shape.head_dim, "even")->check(CLI::Range(2, kHeadDimMax));
  app.add_option("--context", context, "positions")->check(CLI::Range(1, 1 << 20));
  machine.add_to(app);
  CLI11_PARSE(app, argc, argv);
  if (shape.heads % shape.kv_heads != 0 || shape.head_dim % 2 != 0) {
    return fmt::print(stderr, "heads must be a multiple of kv-heads, head-dim even\n"), 2;
  }
  const auto isa = choose_isa(machine.isa);
  if (!isa) return fmt::print(stderr, "{}\n", isa.error().message), 2;

  ThreadPool pool(machine.threads);
  Bench bench{pool, kernel_table(*isa), shape, RopeTable(shape.head_dim, 1e4, 1, {}), {}};
  bench.rope.extend(context);
  const double peak = pecia::apps::fma_peak_gflop_s(pool, *isa);
  fmt::print("{}: {} heads, {} kv heads of {}, {} threads, FMA peak {:.0f} GFLOP/s\n",
             bench.kernels.name, shape.heads, shape.kv_heads, shape.head_dim, pool.threads(), peak);
  bench_prompt(bench, context, peak);
  for (const int sequences : {1, 16}) bench_generation(bench, sequences, context);
  return 0;
}
