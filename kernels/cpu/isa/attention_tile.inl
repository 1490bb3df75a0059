#pragma once
// Attention of a tile of queries over one page of 32 keys, written once over Vec.
// Both halves (q K and p V) are the same small product: rows of broadcast scalars
// times columns of lanes, every output one fma chain. A page is summed alone, from its own maximum;
// only then it is merged into the running state (NUMERICS section 1, "Attention").

#include <cstddef>
#include <cstdint>

#include "kernels/base/model_limits.hpp"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/kernel_table.hpp"

namespace pecia::kernels {
namespace {

constexpr float kMasked = -__builtin_inff();  // exp gives exactly +0

inline Vec load_element(const float* p) { return load(p); }
inline Vec load_element(const std::uint16_t* p) { return load_half(p); }

// K and V of one page and head: (head_dim, 32) and (32, v_stride), as stored or widened.
template <class Element>
struct PageView {
  const Element* k;
  const Element* v;
  std::size_t v_stride;
};

// c[r][j] = chain over i of a[r][i] * b[i][j], from +0. a: (kRows, depth), b: (depth, kCols lanes).
template <int kRows, int kCols, class Element>
[[gnu::always_inline]] inline void product(const float* a, std::size_t a_stride, const Element* b,
                                           std::size_t b_stride, int depth,
                                           Vec (&c)[kRows][kCols]) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int j = 0; j < kCols; ++j) c[r][j] = zero();
  }
  for (int i = 0; i < depth; ++i, b += b_stride) {
    Vec lanes[kCols];
#pragma GCC unroll 8
    for (int j = 0; j < kCols; ++j) lanes[j] = load_element(b + j * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vec scalar = set1(a[r * a_stride + static_cast<std::size_t>(i)]);
#pragma GCC unroll 8
      for (int j = 0; j < kCols; ++j) c[r][j] = fma(scalar, lanes[j], c[r][j]);
    }
  }
}

template <int kRows, class Element>
inline void page_scores(const float* q, std::size_t q_stride, const Element* k, int head_dim,
                        float (&scores)[kRows][kPageTokens]) {
  for (int j = 0; j < kPageTokens; j += kVecTileCols * kLanes) {
    Vec c[kRows][kVecTileCols];
    product(q, q_stride, k + j, kPageTokens, head_dim, c);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int t = 0; t < kVecTileCols; ++t) store(&scores[r][j + t * kLanes], c[r][t]);
    }
  }
}

// Scores to exp(score - m) in place; m = the maximum of a row's visible keys, l = its sum. Step by
// step over all rows, so that the long chains of one row overlap with those of the next. `hidden`
// may be null.
template <int kRows>
[[gnu::always_inline]] inline void page_softmax(float (&p)[kRows][kPageTokens], const int* valid,
                                                const int* hidden, float* m, float* l) {
  for (int r = 0; r < kRows; ++r) {
    Vec low = load(p[r]);
    Vec high = load(p[r] + kLanes);
    if (valid[r] < kPageTokens) {
      low = select(first_lanes(valid[r]), low, set1(kMasked));
      high = select(first_lanes(valid[r] - kLanes), high, set1(kMasked));
      store(p[r], low);
      store(p[r] + kLanes, high);
    }
    if (hidden != nullptr && hidden[r] > 0) {
      low = select(first_lanes(hidden[r]), set1(kMasked), low);
      high = select(first_lanes(hidden[r] - kLanes), set1(kMasked), high);
      store(p[r], low);
      store(p[r] + kLanes, high);
    }
    m[r] = tree_max(max(low, high));
  }
  for (int r = 0; r < kRows; ++r) {
    store(p[r], exp(sub(load(p[r]), set1(m[r]))));
    store(p[r] + kLanes, exp(sub(load(p[r] + kLanes), set1(m[r]))));
  }
  for (int r = 0; r < kRows; ++r) l[r] = tree_sum(add(load(p[r]), load(p[r] + kLanes)));
}

// What the running output and a page's output are scaled by when they are joined.
struct MergeWeights {
  float running[kLanes];
  float page[kLanes];
};

// Joins m and l of up to 16 rows.
inline MergeWeights merge_sums(float* m, float* l, const float* page_m, const float* page_l,
                               int rows) {
  const Vec running_m = load_first(m, rows);
  const Vec other_m = load_first(page_m, rows);
  const Vec joint_m = max(running_m, other_m);
  const Vec a = exp(sub(running_m, joint_m));
  const Vec b = exp(sub(other_m, joint_m));
  store_first(m, rows, joint_m);
  store_first(l, rows, fma(load_first(l, rows), a, mul(load_first(page_l, rows), b)));
  MergeWeights weights;
  store(weights.running, a);
  store(weights.page, b);
  return weights;
}

inline Vec merged(Vec running, Vec page, float running_weight, float page_weight) {
  return fma(running, set1(running_weight), mul(page, set1(page_weight)));
}

// o columns [column, column + kCols * 16) of kRows rows: p V of this page, joined to what is there.
// Without weights it is the first page.
template <int kRows, int kCols, class Element>
inline void page_output(const float (&p)[kRows][kPageTokens], const PageView<Element>& page,
                        int column, const MergeWeights* weights, float* o, std::size_t o_stride) {
  Vec c[kRows][kCols];
  product(p[0], kPageTokens, page.v + column, page.v_stride, kPageTokens, c);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < kCols; ++t) {
      float* target = o + r * o_stride + static_cast<std::size_t>(column + t * kLanes);
      store(target, weights == nullptr
                        ? c[r][t]
                        : merged(load(target), c[r][t], weights->running[r], weights->page[r]));
    }
  }
}

template <int kRows, class Element>
static void attend_rows(const AttentionTile& tile, const PageView<Element>& page, int first) {
  const std::size_t stride = attention_stride(tile.head_dim);
  float p[kRows][kPageTokens];
  page_scores(tile.q + first * stride, stride, page.k, tile.head_dim, p);
  float m[kLanes] = {};
  float l[kLanes] = {};
  page_softmax(p, tile.valid + first, tile.hidden == nullptr ? nullptr : tile.hidden + first, m, l);

  MergeWeights weights;
  if (tile.first_page) {
    store_first(tile.m + first, kRows, load_first(m, kRows));
    store_first(tile.l + first, kRows, load_first(l, kRows));
  } else {
    weights = merge_sums(tile.m + first, tile.l + first, m, l, kRows);
  }
  const MergeWeights* join = tile.first_page ? nullptr : &weights;
  float* o = tile.o + first * stride;
  const int columns = static_cast<int>(stride);
  int column = 0;
  for (; column + kVecTileCols * kLanes <= columns; column += kVecTileCols * kLanes) {
    page_output<kRows, kVecTileCols>(p, page, column, join, o, stride);
  }
  for (; column < columns; column += kLanes) {
    page_output<kRows, 1>(p, page, column, join, o, stride);
  }
}

// attend_rows<rows> for a run-time `rows` in 1..kRows.
template <int kRows, class Element>
inline void attend_row_tile(int rows, const AttentionTile& tile, const PageView<Element>& page,
                            int first) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return attend_row_tile<kRows - 1>(rows, tile, page, first);
  }
  attend_rows<kRows>(tile, page, first);
}

template <class Element>
static void attend_all_rows(const AttentionTile& tile, const PageView<Element>& page) {
  for (int first = 0; first < tile.queries; first += kVecTileRows) {
    const int left = tile.queries - first;
    attend_row_tile<kVecTileRows>(left < kVecTileRows ? left : kVecTileRows, tile, page, first);
  }
}

// Widens the page once for all rows of the tile; columns of V behind head_dim become zero.
static PageView<float> widened(const AttentionTile& tile) {
  const std::size_t stride = attention_stride(tile.head_dim);
  float* k = tile.scratch;
  float* v = k + static_cast<std::size_t>(tile.head_dim) * kPageTokens;
  elementwise_from_half(tile.k, k, static_cast<std::size_t>(tile.head_dim) * kPageTokens);
  for (int key = 0; key < kPageTokens; ++key) {
    const std::uint16_t* source = tile.v + static_cast<std::size_t>(key) * tile.head_dim;
    float* target = v + key * stride;
    const int whole = tile.head_dim / kLanes * kLanes;
    elementwise_from_half(source, target, static_cast<std::size_t>(whole));
    if (whole == tile.head_dim) continue;
    std::uint16_t tail[kLanes] = {};
    for (int i = whole; i < tile.head_dim; ++i) tail[i - whole] = source[i];
    store(target + whole, load_half(tail));
  }
  return {k, v, stride};
}

// -- entries of the kernel table

static void attend_page(const AttentionTile& tile) {
  // A few rows read the page only once or twice: widening on the fly beats a copy.
  if (tile.queries <= 2 * kVecTileRows && tile.head_dim % kLanes == 0) {
    attend_all_rows(tile, PageView<std::uint16_t>{tile.k, tile.v, attention_stride(tile.head_dim)});
  } else {
    attend_all_rows(tile, widened(tile));
  }
}

static void attend_merge(const AttentionState& running, const AttentionState& page, int queries,
                         int head_dim) {
  const std::size_t stride = attention_stride(head_dim);
  for (int first = 0; first < queries; first += kLanes) {
    const int rows = queries - first < kLanes ? queries - first : kLanes;
    const MergeWeights weights =
        merge_sums(running.m + first, running.l + first, page.m + first, page.l + first, rows);
    for (int r = 0; r < rows; ++r) {
      float* o = running.o + (first + r) * stride;
      const float* other = page.o + (first + r) * stride;
      for (std::size_t i = 0; i < stride; i += kLanes) {
        store(o + i, merged(load(o + i), load(other + i), weights.running[r], weights.page[r]));
      }
    }
  }
}

static void attend_finish(float* o, const float* l, int queries, int head_dim) {
  const std::size_t stride = attention_stride(head_dim);
  for (int row = 0; row < queries; ++row) {
    const Vec inverse = div(set1(1.0f), set1(l[row]));
    float* target = o + row * stride;
    for (std::size_t i = 0; i < stride; i += kLanes) {
      store(target + i, mul(load(target + i), inverse));
    }
  }
}

}  // namespace
}  // namespace pecia::kernels
