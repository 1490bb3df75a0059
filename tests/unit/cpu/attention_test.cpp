// Paged attention: against a double reference, and with equal bits however the prompt is cut, the
// pages are shared among threads, and whatever lies behind the used slots.

#include "kernels/cpu/attention.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/cpu/spoiled_float_mode.hpp"

namespace {

using namespace pecia::kernels;
using pecia::kernels::testing::fill_random;
using pecia::kernels::testing::poison;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Tokens {  // q, k and v of `count` consecutive positions
  RowsBuffer buffers[3];
  Rows q, k, v;
  Tokens(const AttentionShape& shape, int count, std::uint64_t seed)
      : q(buffers[0].shaped(count, shape.heads * shape.head_dim)),
        k(buffers[1].shaped(count, shape.kv_heads * shape.head_dim)),
        v(buffers[2].shaped(count, shape.kv_heads * shape.head_dim)) {
    fill_random(q, seed), fill_random(k, seed + 1), fill_random(v, seed + 2);
  }
};

void copy_row(const Rows& from, int from_row, const Rows& to, int to_row) {
  for (int col = 0; col < from.cols; ++col) to.at(to_row, col) = from.at(from_row, col);
}

struct Pages {
  std::vector<std::vector<std::uint16_t>> pages;
  Pages(const AttentionShape& shape, int positions)
      : pages((positions + kPageTokens - 1) / kPageTokens,
              std::vector<std::uint16_t>(shape.layer_page_halves())) {}
  AttentionSpan span(int first_row, int rows, int first_position) {
    AttentionSpan span{first_row, rows, first_position, {}};
    for (auto& page : pages) span.pages.push_back(page.data());
    return span;
  }
};

struct Machine {
  static constexpr std::size_t kScratchBytes = 256 * 1024;  // enough for most shapes below
  AttentionShape shape;
  const KernelTable& kernels;
  ThreadPool pool;
  RopeTable rope;
  AttentionScratch scratch;

  Machine(const AttentionShape& s, const KernelTable& table, int threads)
      : shape(s), kernels(table), pool(threads), rope(s.head_dim, 10'000, 1, {}) {
    rope.extend(2048);
    scratch.per_member.resize(threads);
    for (AlignedBuffer& memory : scratch.per_member) memory.reserve(kScratchBytes);
    scratch.page_results.reserve(kScratchBytes);
  }

  // Output rows of all positions, the prompt cut at `cuts` (ascending, the last one = count).
  std::vector<float> run(const Tokens& tokens, const std::vector<int>& cuts, Pages& pages) {
    std::vector<float> out;
    for (int first = 0; const int end : cuts) {
      const int rows = end - first;
      const Tokens part(shape, rows, 77);
      for (int row = 0; row < rows; ++row) {
        copy_row(tokens.q, first + row, part.q, row);
        copy_row(tokens.k, first + row, part.k, row);
        copy_row(tokens.v, first + row, part.v, row);
      }
      RowsBuffer buffer;
      const Rows result = buffer.shaped(rows, shape.heads * shape.head_dim);
      std::fill_n(result.data, result.floats(), kNan);
      for (const AlignedBuffer& memory : scratch.per_member) poison(memory);
      poison(scratch.page_results);
      attend(pool, kernels, scratch, shape, rope, std::vector{pages.span(0, rows, first)}, part.q,
             part.k, part.v, result);
      for (int row = 0; row < rows; ++row) {
        for (int col = 0; col < result.blocks() * Rows::kBlock; ++col) {
          out.push_back(result.at(row, col));
        }
      }
      first = end;
    }
    return out;
  }
  std::vector<float> run(const Tokens& tokens, const std::vector<int>& cuts) {
    Pages pages(shape, tokens.q.rows);
    return run(tokens, cuts, pages);
  }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

const KernelTable& best() { return *runnable_kernel_tables().tables[0]; }

// -- the double reference

std::vector<double> rotated(const Rows& rows, int row, int head, int head_dim) {
  std::vector<double> x(head_dim);
  const int half = head_dim / 2;
  for (int i = 0; i < half; ++i) {
    const double angle = row * std::pow(10'000.0, -2.0 * i / head_dim);
    const double a = rows.at(row, head * head_dim + i);
    const double b = rows.at(row, head * head_dim + half + i);
    x[i] = a * std::cos(angle) - b * std::sin(angle);
    x[half + i] = a * std::sin(angle) + b * std::cos(angle);
  }
  return x;
}

double as_half(double x) { return half_to_float(float_to_half(static_cast<float>(x))); }

std::vector<double> reference(const AttentionShape& shape, const Tokens& tokens, int row,
                              int head) {
  const int d = shape.head_dim;
  const int kv_head = head / (shape.heads / shape.kv_heads);
  const std::vector<double> q = rotated(tokens.q, row, head, d);
  std::vector<double> scores(row + 1);
  for (int key = 0; key <= row; ++key) {
    const std::vector<double> k = rotated(tokens.k, key, kv_head, d);
    for (int i = 0; i < d; ++i) scores[key] += q[i] * as_half(k[i]) / std::sqrt(d);
  }
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - top);
  std::vector<double> out(d);
  for (int key = 0; key <= row; ++key) {
    for (int i = 0; i < d; ++i) {
      out[i] += scores[key] / sum * as_half(tokens.v.at(key, kv_head * d + i));
    }
  }
  return out;
}

const AttentionShape kShapes[] = {{4, 2, 8},  {3, 1, 10},  {9, 3, 64}, {2, 2, 80}, {8, 1, 16},
                                  {70, 1, 6}, {2, 1, 128}, {1, 1, 2},  {2, 1, 256}};

TEST_CASE("attention of every head shape follows the double reference and zeroes the padding") {
  constexpr int kCount = 70;
  for (const AttentionShape& shape : kShapes) {
    INFO(shape.heads << " heads, " << shape.kv_heads << " kv heads of " << shape.head_dim);
    const Tokens tokens(shape, kCount, 1);
    Machine machine(shape, best(), 1);
    const std::vector<float> out = machine.run(tokens, {kCount});
    const std::size_t width = out.size() / kCount;
    for (const int row : {0, 1, 31, 32, 69}) {
      for (int head = 0; head < shape.heads; ++head) {
        const std::vector<double> expected = reference(shape, tokens, row, head);
        for (int i = 0; i < shape.head_dim; ++i) {
          // A rotated key next to a tie of f16 may round the other way than in double.
          const float value = out[row * width + head * shape.head_dim + i];
          REQUIRE(std::fabs(value - expected[i]) <= 1e-3);
        }
      }
      for (std::size_t i = shape.heads * shape.head_dim; i < width; ++i) {
        REQUIRE(out[row * width + i] == 0);
      }
    }
  }
}

TEST_CASE("attention has the same bits on every instruction set") {
  constexpr int kCount = 70;
  for (const AttentionShape& shape : kShapes) {
    INFO(shape.heads << " heads, " << shape.kv_heads << " kv heads of " << shape.head_dim);
    const Tokens tokens(shape, kCount, 2);
    const std::vector<float> expected = Machine(shape, best(), 1).run(tokens, {kCount});
    const KernelTableList list = runnable_kernel_tables();
    for (int i = 1; i < list.count; ++i) {
      INFO(list.tables[i]->name);
      CHECK(same_bits(Machine(shape, *list.tables[i], 1).run(tokens, {kCount}), expected));
    }
  }
}

TEST_CASE("a prompt cut at any position gives the bits of the uncut one") {
  const AttentionShape shape{6, 2, 24};
  constexpr int kCount = 66;
  const Tokens tokens(shape, kCount, 3);
  Machine machine(shape, best(), 1);
  const std::vector<float> expected = machine.run(tokens, {kCount});
  for (int cut = 1; cut < kCount; ++cut) {
    INFO("cut at " << cut);
    REQUIRE(same_bits(machine.run(tokens, {cut, kCount}), expected));
  }
  std::vector<int> token_by_token(kCount);
  for (int i = 0; i < kCount; ++i) token_by_token[i] = i + 1;
  CHECK(same_bits(machine.run(tokens, token_by_token), expected));
}

TEST_CASE("tile heights, cuts by pages and thread counts drawn by chance change no bit") {
  const AttentionShape shape{6, 2, 16};
  constexpr int kCount = 500;  // 16 pages
  const Tokens tokens(shape, kCount, 12);
  const std::vector<int> cuts{300, 499, kCount};
  const std::vector<float> expected = Machine(shape, best(), 1).run(tokens, cuts);
  for (std::uint64_t draw = 0; draw < 24; ++draw) {
    const auto below = [draw](int n, std::uint64_t what) {
      return static_cast<int>(philox64(2, draw, what) % static_cast<std::uint64_t>(n));
    };
    Machine machine(shape, best(), 1 + below(4, 0));
    AttentionTuning& tuning = machine.scratch.tuning;
    tuning.tile_rows_max = 1 + below(200, 1);
    tuning.tiles_per_member = 1 + below(400, 2);
    tuning.pages_per_piece_min = 1 + below(17, 3);
    if (below(4, 4) == 0) tuning.page_result_bytes_max = 0;
    INFO("draw " << draw);
    REQUIRE(same_bits(machine.run(tokens, cuts), expected));
  }
}

TEST_CASE("threads share the pages of a long context without changing a bit") {
  const AttentionShape shape{6, 2, 16};
  constexpr int kCount = 1100;  // 35 pages, several pieces each
  const Tokens tokens(shape, kCount, 4);
  const std::vector<int> cuts{1030, 1099, kCount};
  const std::vector<float> expected = Machine(shape, best(), 1).run(tokens, cuts);
  for (const int threads : {2, 3, 5}) {
    INFO(threads << " threads");
    CHECK(same_bits(Machine(shape, best(), threads).run(tokens, cuts), expected));
  }
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 1; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    CHECK(same_bits(Machine(shape, *list.tables[i], 3).run(tokens, cuts), expected));
  }
}

#if defined(__SSE2__)
TEST_CASE("attention for a caller who flushes denormals and rounds to zero has the same bits") {
  const AttentionShape shape{6, 2, 24};
  const Tokens tokens(shape, 70, 11);
  for (int row = 0; row < 70; ++row) tokens.v.at(row, 1) *= 0x1p-20f;  // f16 denormals
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    const std::vector<float> expected = Machine(shape, *list.tables[i], 2).run(tokens, {70});
    const testing::SpoiledFloatMode mode;
    CHECK(same_bits(Machine(shape, *list.tables[i], 2).run(tokens, {70}), expected));
    CHECK(mode.still_spoiled());
  }
}
#endif

TEST_CASE("sequences in one batch do not touch each other") {
  const AttentionShape shape{4, 2, 32};
  const Tokens tokens(shape, 50, 5);
  Machine machine(shape, best(), 2);
  Pages first(shape, 50), second(shape, 50);
  const std::vector<float> alone = machine.run(tokens, {20, 50});

  // Rows 0..29: positions 20..49 of one sequence; rows 30..49: positions 0..19 of another.
  machine.run(tokens, {20}, first);
  const Tokens batch(shape, 50, 6);
  for (int row = 0; row < 50; ++row) {
    const int source = row < 30 ? 20 + row : row - 30;
    copy_row(tokens.q, source, batch.q, row);
    copy_row(tokens.k, source, batch.k, row);
    copy_row(tokens.v, source, batch.v, row);
  }
  RowsBuffer buffer;
  const Rows out = buffer.shaped(50, shape.heads * shape.head_dim);
  attend(machine.pool, machine.kernels, machine.scratch, shape, machine.rope,
         std::vector{first.span(0, 30, 20), second.span(30, 20, 0)}, batch.q, batch.k, batch.v,
         out);
  const int width = shape.heads * shape.head_dim;
  for (int row = 0; row < 50; ++row) {
    const int position = row < 30 ? 20 + row : row - 30;
    for (int col = 0; col < width; ++col)
      REQUIRE(out.at(row, col) == alone[position * width + col]);
  }
}

TEST_CASE("NaN behind the used slots of a page never reaches a result") {
  const AttentionShape shape{6, 2, 24};
  constexpr int kCount = 40;
  const Tokens tokens(shape, kCount, 8);
  for (const int threads : {1, 3}) {
    Machine machine(shape, best(), threads);
    const std::vector<float> expected = machine.run(tokens, {33, kCount});
    Pages pages(shape, kCount + kPageTokens);  // one page more than any position needs
    std::fill(pages.pages.back().begin(), pages.pages.back().end(), std::uint16_t{0x7E00});
    for (int head = 0; head < shape.kv_heads; ++head) {  // unused K slots are masked as well
      for (int i = 0; i < shape.head_dim; ++i) {
        std::uint16_t* k = pages.pages[1].data() + (head * shape.head_dim + i) * kPageTokens;
        std::fill(k + kCount - kPageTokens, k + kPageTokens, std::uint16_t{0x7E00});
      }
    }
    CHECK(same_bits(machine.run(tokens, {33, kCount}, pages), expected));
  }
}

TEST_CASE(
    "a NaN in a query, a key or a value reaches every row that reads it and no earlier page") {
  const AttentionShape shape{2, 1, 16};
  constexpr int kCount = 40, kBad = 32;
  const KernelTableList list = runnable_kernel_tables();
  for (int t = 0; t < list.count; ++t) {
    for (const char part : {'q', 'k', 'v'}) {
      INFO(list.tables[t]->name << ", NaN in " << part);
      const Tokens tokens(shape, kCount, 10);
      (part == 'q' ? tokens.q : part == 'k' ? tokens.k : tokens.v).at(kBad, 3) = kNan;
      const std::vector<float> out = Machine(shape, *list.tables[t], 1).run(tokens, {35, kCount});
      for (int row = 0; row < kCount; ++row) {
        const bool reads = part == 'q' ? row == kBad : row >= kBad;
        REQUIRE(std::isnan(out[row * 32 + 3]) == reads);
      }
    }
  }
}

TEST_CASE("scores far apart, equal scores and values beyond f16 stay finite and exact") {
  const AttentionShape shape{1, 1, 16};
  Tokens tokens(shape, 40, 9);
  std::fill_n(tokens.k.data, tokens.k.floats(), 0.0f);  // all scores equal: the mean of v
  for (int row = 0; row < 40; ++row) {
    for (int i = 0; i < 16; ++i) tokens.v.at(row, i) = row == 39 ? 1e9f : 65504.0f;
  }
  const std::vector<float> mean = Machine(shape, best(), 1).run(tokens, {40});
  CHECK(mean[39 * 32] == 65504.0f);

  for (int row = 0; row < 40; ++row) {  // one key outweighs all others by more than exp can hold
    for (int i = 0; i < 16; ++i) {
      tokens.q.at(row, i) = i == 15 ? 1000.0f : 0.0f;  // the pair that turns the least
      tokens.k.at(row, i) = i == 15 && row == 7 ? 1000.0f : 0.0f;
      tokens.v.at(row, i) = static_cast<float>(row);
    }
  }
  const std::vector<float> peak = Machine(shape, best(), 1).run(tokens, {40});
  CHECK(peak[6 * 32] == Approx(3.0f));
  for (int row = 7; row < 40; ++row) CHECK(peak[row * 32] == 7.0f);
}

}  // namespace
