// Attention with a window, norms of heads, heads turned in part and another scale of the queries:
// against a double reference, and with equal bits however the prompt is cut and shared.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/cpu/attention.hpp"
#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"

namespace {

using namespace pecia::kernels;
using pecia::kernels::testing::fill_random;

constexpr AttentionShape kShape{6, 2, 24};
constexpr int kTurned = 16;
constexpr int kCount = 150;  // four pages and a part of one
constexpr float kEpsilon = 1e-5f;
constexpr double kMagnitude = 1.25;

struct Heads {
  RowsBuffer memory;
  Rows rows;
  Heads(int count, int heads, std::uint64_t seed)
      : rows(memory.shaped(count, heads * kShape.head_dim)) {
    fill_random(rows, seed);
  }
  float at(int row, int head, int i) const { return rows.at(row, head * kShape.head_dim + i); }
};

std::vector<float> norm_weights(std::uint64_t seed) {
  std::vector<float> weights(kShape.head_dim);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = 1 + testing::random_unit(seed, i) / 2;
  }
  return weights;
}

struct Text {
  Heads q{kCount, kShape.heads, 1}, k{kCount, kShape.kv_heads, 2}, v{kCount, kShape.kv_heads, 3};
  std::vector<float> q_norm = norm_weights(4), k_norm = norm_weights(5);
  HeadRules rules(int window) const {
    return {.q_norm = q_norm,
            .k_norm = k_norm,
            .norm_epsilon = kEpsilon,
            .query_scale = 0.3f,
            .window = window};
  }
};

struct Pages {
  std::vector<std::vector<std::uint16_t>> memory{
      (kCount + kPageTokens - 1) / kPageTokens,
      std::vector<std::uint16_t>(kShape.layer_page_halves())};
  AttentionSpan span(int rows, int first_position) {
    AttentionSpan span{0, rows, first_position, {}};
    for (auto& page : memory) span.pages.push_back(page.data());
    return span;
  }
};

struct Setting {
  const KernelTable* kernels = runnable_kernel_tables().tables[0];
  int threads = 1;
  AttentionTuning tuning = {};
};

Rows part_of(const Rows& all, int first, int rows, RowsBuffer& memory) {
  const Rows part = memory.shaped(rows, all.cols);
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < all.cols; ++col) part.at(row, col) = all.at(first + row, col);
  }
  return part;
}

// Rows [first, end) of the output, their keys and values stored on the way.
void append(const Text& text, const HeadRules& rules, const Setting& setting, Pages& pages,
            int first, int end, std::vector<float>& out) {
  ThreadPool pool(setting.threads);
  RopeTable rope(kTurned, 10'000, 1, {}, kMagnitude);
  rope.extend(kCount);
  AttentionScratch scratch;
  scratch.tuning = setting.tuning;
  RowsBuffer memory[4];
  const int rows = end - first;
  const Rows result = memory[3].shaped(rows, text.q.rows.cols);
  attend(pool, *setting.kernels, scratch, kShape, rope, std::vector{pages.span(rows, first)},
         part_of(text.q.rows, first, rows, memory[0]), part_of(text.k.rows, first, rows, memory[1]),
         part_of(text.v.rows, first, rows, memory[2]), result, rules);
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < result.cols; ++col) out.push_back(result.at(row, col));
  }
}

std::vector<float> attended(const Text& text, int window, const std::vector<int>& cuts,
                            const Setting& setting) {
  Pages pages;
  std::vector<float> out;
  for (int first = 0; const int end : cuts) {
    append(text, text.rules(window), setting, pages, first, end, out);
    first = end;
  }
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// -- the double reference

std::vector<double> turned(const Heads& heads, int row, int head, const std::vector<float>& norm) {
  const int d = kShape.head_dim;
  double squares = 0;
  for (int i = 0; i < d; ++i) squares += std::pow(static_cast<double>(heads.at(row, head, i)), 2);
  std::vector<double> x(d);
  for (int i = 0; i < d; ++i) {
    x[i] = heads.at(row, head, i) / std::sqrt(squares / d + kEpsilon) * norm[i];
  }
  for (int i = 0; i < kTurned / 2; ++i) {
    const double angle = row * std::pow(10'000.0, -2.0 * i / kTurned);
    const double c = kMagnitude * std::cos(angle), s = kMagnitude * std::sin(angle);
    const double a = x[i], b = x[i + kTurned / 2];
    x[i] = a * c - b * s;
    x[i + kTurned / 2] = a * s + b * c;
  }
  return x;
}

double as_half(double x) { return half_to_float(float_to_half(static_cast<float>(x))); }

std::vector<double> reference(const Text& text, int window, int row, int head) {
  const int d = kShape.head_dim;
  const int kv_head = head / (kShape.heads / kShape.kv_heads);
  const std::vector<double> q = turned(text.q, row, head, text.q_norm);
  std::vector<double> weights(row + 1, -std::numeric_limits<double>::infinity());
  for (int key = 0; key <= row; ++key) {
    if (window > 0 && row - key >= window) continue;
    const std::vector<double> k = turned(text.k, key, kv_head, text.k_norm);
    weights[key] = 0;
    for (int i = 0; i < d; ++i) weights[key] += q[i] * as_half(k[i]) * 0.3;
  }
  const double top = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - top);
  std::vector<double> out(d);
  for (int key = 0; key <= row; ++key) {
    for (int i = 0; i < d; ++i) {
      out[i] += weights[key] / sum * as_half(text.v.at(key, kv_head, i));
    }
  }
  return out;
}

const int kWindows[] = {0, 1, 2, 31, 32, 33, 47, 64, 65, 96, 149, 150, 5000};

}  // namespace

TEST_CASE("attention with every rule follows the double reference for windows of any length") {
  const Text text;
  for (const int window : kWindows) {
    INFO("window " << window);
    const std::vector<float> out = attended(text, window, {kCount}, {});
    for (int row = 0; row < kCount; ++row) {
      for (int head = 0; head < kShape.heads; ++head) {
        const std::vector<double> expected = reference(text, window, row, head);
        for (int i = 0; i < kShape.head_dim; ++i) {
          const std::size_t at = (row * kShape.heads + head) * kShape.head_dim + i;
          REQUIRE(out[at] == Approx(expected[i]).margin(2e-4));
        }
      }
    }
  }
}

TEST_CASE("cuts, threads, tiles and instruction sets change no bit of attention in a window") {
  const Text text;
  std::vector<int> singly(kCount);
  for (int i = 0; i < kCount; ++i) singly[i] = i + 1;
  AttentionTuning by_pages;
  by_pages.tiles_per_member = 1'000;
  by_pages.pages_per_piece_min = 1;
  AttentionTuning small_tiles = by_pages;
  small_tiles.tile_rows_max = 7;
  const KernelTableList list = runnable_kernel_tables();
  for (const int window : kWindows) {
    INFO("window " << window);
    const std::vector<float> expected = attended(text, window, {kCount}, {});
    for (int i = 0; i < list.count; ++i) {
      const KernelTable* table = list.tables[i];
      INFO(table->name);
      CHECK(same_bits(attended(text, window, {kCount}, {table, 1}), expected));
      CHECK(same_bits(attended(text, window, {33, 64, 100, kCount}, {table, 2}), expected));
      CHECK(same_bits(attended(text, window, {1, 140, kCount}, {table, 3, by_pages}), expected));
      CHECK(same_bits(attended(text, window, {kCount}, {table, 2, small_tiles}), expected));
    }
    CHECK(same_bits(attended(text, window, singly, {}), expected));
    CHECK(same_bits(attended(text, window, singly, {list.tables[0], 2, by_pages}), expected));
  }
}

TEST_CASE("a page wholly outside the window is never read, a key outside it adds nothing") {
  const Text text;
  constexpr int kWindow = 40;
  for (const int threads : {1, 2}) {
    std::vector<float> expected, found;
    for (const bool spoil : {false, true}) {
      Pages pages;
      std::vector<float> before;
      Setting setting{.threads = threads};
      setting.tuning.pages_per_piece_min = 1;
      append(text, text.rules(kWindow), setting, pages, 0, 149, before);
      if (spoil) {  // position 149 sees keys 110 to 149: pages 3 and 4, of 3 all from slot 14 on
        for (int page = 0; page < 3; ++page) std::ranges::fill(pages.memory[page], 0x7E00);  // NaN
        for (int slot = 0; slot < 14; ++slot) {
          for (int i = 0; i < kShape.kv_heads * kShape.head_dim; ++i) {
            pages.memory[3][i * kPageTokens + slot] = 0x7BFF;  // 65504
          }
        }
      }
      append(text, text.rules(kWindow), setting, pages, 149, kCount, spoil ? found : expected);
    }
    CHECK(same_bits(found, expected));
  }
}
