#include "kernels/cpu/attention.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace pecia::kernels {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

std::size_t whole_lines(int floats) { return static_cast<std::size_t>(floats + 15) / 16 * 16; }

// Columns [col, col + n) of one row, to and from contiguous memory.
void gather(const Rows& rows, int row, int col, int n, float* out) {
  while (n > 0) {
    const int run = std::min(n, Rows::kBlock - col % Rows::kBlock);
    std::copy_n(&rows.at(row, col), run, out);
    out += run, col += run, n -= run;
  }
}

void scatter(const float* in, int n, const Rows& rows, int row, int col) {
  while (n > 0) {
    const int run = std::min(n, Rows::kBlock - col % Rows::kBlock);
    std::copy_n(in, run, &rows.at(row, col));
    in += run, col += run, n -= run;
  }
}

// Queries of a tile that see a key of one page. A page begins the sums of the last ones and joins
// what the first ones have: the window of a later query begins later.
struct PageQueries {
  int first;      // of those that see the page
  int first_new;  // of those whose sums it begins
  int end;
};

// Consecutive queries of a span against one kv head. Row r of a tile is query r / group of head
// kv_head * group + r % group, so positions ascend with the rows.
struct Tile {
  const AttentionSpan* span;
  int kv_head;
  int first_query;  // within the span
  int queries;
  int window;               // 0: none
  std::size_t results = 0;  // first float of its page results, where it is cut by pages

  int position(int query) const { return span->first_position + first_query + query; }
  int window_begin(int query) const {
    return window == 0 ? 0 : std::max(0, position(query) + 1 - window);
  }
  int first_page() const { return window_begin(0) / kPageTokens; }
  int pages() const { return position(queries - 1) / kPageTokens + 1 - first_page(); }

  // REQUIRES a page of [first_page(), first_page() + pages()).
  PageQueries queries_of(int page) const {
    const int first_key = page * kPageTokens;
    const int end_key = first_key + kPageTokens;
    PageQueries of{std::max(0, first_key - position(0)), 0, queries};
    if (window > 0) {
      // Windows that begin at or before key k belong to positions up to k + window - 1.
      of.first_new = first_key == 0 ? 0 : first_key + window - 1 - position(0);
      of.end = std::min(queries, end_key + window - 1 - position(0));
    } else {
      of.first_new = first_key == 0 ? 0 : queries;
    }
    of.first_new = std::clamp(of.first_new, of.first, of.end);
    return of;
  }
};

struct Piece {
  int tile;
  int first_page;
  int pages;
};

// One call of attend(): everything its pieces read.
struct Call {
  const KernelTable& kernels;
  const AttentionShape& shape;
  const RopeTable& rope;
  const HeadRules& rules;
  const Rows &q, &k, &v, &out;

  int group() const { return shape.heads / shape.kv_heads; }
  std::size_t stride() const { return attention_stride(shape.head_dim); }
  std::size_t k_offset(int kv_head) const {
    return static_cast<std::size_t>(kv_head) * shape.head_dim * kPageTokens;
  }
  std::size_t v_offset(int kv_head) const { return k_offset(shape.kv_heads + kv_head); }

  // m, l and o of `rows` rows at `memory`, each from a cache line's start.
  AttentionState state_at(float* memory, int rows) const {
    return {memory, memory + whole_lines(rows), memory + 2 * whole_lines(rows)};
  }
  float query_scale() const {
    return rules.query_scale > 0 ? rules.query_scale
                                 : 1.0f / std::sqrt(static_cast<float>(shape.head_dim));
  }
  std::size_t state_floats(int rows) const { return 2 * whole_lines(rows) + rows * stride(); }
};

AttentionState from_row(const AttentionState& state, int row, std::size_t stride) {
  return {state.m + row, state.l + row, state.o + row * stride};
}

void copy_state(const AttentionState& from, const AttentionState& to, int rows,
                std::size_t stride) {
  std::copy_n(from.m, rows, to.m);
  std::copy_n(from.l, rows, to.l);
  std::copy_n(from.o, rows * stride, to.o);
}

// -- heads

// Norm, where there is one, and rotation of one head in place.
void turn_head(const Call& call, std::span<const float> norm, int position, float* head) {
  const int head_dim = call.shape.head_dim;
  const int half = call.rope.half();
  if (!norm.empty()) {
    alignas(64) std::array<float, kHeadDimMax> normed;  // the kernel writes whole blocks
    call.kernels.rms_norm(head, normed.data(), Rows::kBlock, head_dim, norm.data(),
                          call.rules.norm_epsilon);
    std::copy_n(normed.data(), head_dim, head);
  }
  call.kernels.rope(head, head + half, call.rope.cosines(position), call.rope.sines(position),
                    half);
}

// -- keys and values into pages

void store_token(const Call& call, int row, int position, std::uint16_t* page) {
  const int head_dim = call.shape.head_dim;
  const int slot = position % kPageTokens;
  alignas(64) std::array<float, kHeadDimMax> values{};
  alignas(64) std::array<std::uint16_t, kHeadDimMax> halves;
  for (int head = 0; head < call.shape.kv_heads; ++head) {
    gather(call.k, row, head * head_dim, head_dim, values.data());
    turn_head(call, call.rules.k_norm, position, values.data());
    call.kernels.to_half(values.data(), halves.data(), call.stride());
    std::uint16_t* k = page + call.k_offset(head) + slot;
    for (int i = 0; i < head_dim; ++i) k[i * kPageTokens] = halves[i];

    gather(call.v, row, head * head_dim, head_dim, values.data());
    call.kernels.to_half(values.data(), halves.data(), call.stride());
    std::copy_n(halves.data(), head_dim, page + call.v_offset(head) + slot * head_dim);
  }
}

// Pieces are pages, so that the scattered lines of a transposed K stay in one member's cache.
void store_keys_and_values(ThreadPool& pool, const Call& call,
                           std::span<const AttentionSpan> spans) {
  struct PageOfSpan {
    const AttentionSpan* span;
    int page;
  };
  std::vector<PageOfSpan> pieces;
  for (const AttentionSpan& span : spans) {
    const int last_page = (span.first_position + span.rows - 1) / kPageTokens;
    assert(span.rows > 0 && last_page < static_cast<int>(span.pages.size()));
    for (int page = span.first_position / kPageTokens; page <= last_page; ++page) {
      pieces.push_back({&span, page});
    }
  }
  pool.run(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t index, int) {
    const auto& [span, page] = pieces[index];
    const int first = std::max(span->first_position, page * kPageTokens);
    const int end = std::min(span->first_position + span->rows, (page + 1) * kPageTokens);
    for (int position = first; position < end; ++position) {
      const int row = span->first_row + position - span->first_position;
      store_token(call, row, position, span->pages[page]);
    }
  });
}

// -- queries

void load_queries(const Call& call, const Tile& tile, float* q) {
  const int head_dim = call.shape.head_dim;
  const float scale = call.query_scale();
  for (int query = 0; query < tile.queries; ++query) {
    const int row = tile.span->first_row + tile.first_query + query;
    const int position = tile.position(query);
    for (int member = 0; member < call.group(); ++member, q += call.stride()) {
      const int head = tile.kv_head * call.group() + member;
      gather(call.q, row, head * head_dim, head_dim, q);
      turn_head(call, call.rules.q_norm, position, q);
      for (int i = 0; i < head_dim; ++i) q[i] *= scale;
    }
  }
}

// Pages lie anywhere: a hint at their first lines hides the latency at which each one would start;
// the hardware fetches the rest.
void prefetch(const std::uint16_t* halves) {
  constexpr int kLines = 8;
  constexpr int kLineHalves = 32;
  for (int line = 0; line < kLines; ++line) __builtin_prefetch(halves + line * kLineHalves);
}

void finish(const Call& call, const Tile& tile, const AttentionState& state) {
  const int head_dim = call.shape.head_dim;
  const int rows = tile.queries * call.group();
  call.kernels.attend_finish(state.o, state.l, rows, head_dim);
  for (int r = 0; r < rows; ++r) {
    const int row = tile.span->first_row + tile.first_query + r / call.group();
    const int head = tile.kv_head * call.group() + r % call.group();
    scatter(state.o + r * call.stride(), head_dim, call.out, row, head * head_dim);
  }
}

// The parts of a tile's working memory that a page visit reads.
struct Visit {
  const Tile& tile;
  const float* q;
  float* widened;
  std::vector<int> valid, hidden;  // (rows)

  Visit(const Call& call, const Tile& visited, float* memory)
      : tile(visited),
        q(memory),
        widened(memory + visited.queries * call.group() * call.stride()),
        valid(visited.queries * call.group()),
        hidden(valid.size()) {
    load_queries(call, tile, memory);
  }
};

// Queries [first, end) of the tile against one page.
void visit_page(const Call& call, Visit& visit, int page, int first, int end, bool begins,
                const AttentionState& state) {
  if (first >= end) return;
  const Tile& tile = visit.tile;
  const int group = call.group();
  const int first_key = page * kPageTokens;
  const int first_row = first * group;
  bool any_hidden = false;
  for (int row = first_row; row < end * group; ++row) {
    const int query = row / group;
    visit.valid[row] = std::min(tile.position(query) - first_key + 1, kPageTokens);
    visit.hidden[row] = std::max(0, tile.window_begin(query) - first_key);
    any_hidden = any_hidden || visit.hidden[row] > 0;
  }
  const AttentionState rows = from_row(state, first_row, call.stride());
  const std::uint16_t* keys = tile.span->pages[page];
  call.kernels.attend_page({.queries = (end - first) * group,
                            .head_dim = call.shape.head_dim,
                            .q = visit.q + first_row * call.stride(),
                            .k = keys + call.k_offset(tile.kv_head),
                            .v = keys + call.v_offset(tile.kv_head),
                            .valid = &visit.valid[first_row],
                            .hidden = any_hidden ? &visit.hidden[first_row] : nullptr,
                            .first_page = begins,
                            .m = rows.m,
                            .l = rows.l,
                            .o = rows.o,
                            .scratch = visit.widened});
}

// Visits pages [first, first + pages). State of page p is state_of(p); a fresh one holds the page
// alone, else the page joins what is there.
template <class StateOf>
void visit_pages(const Call& call, const Tile& tile, const Piece& piece, float* memory,
                 bool fresh_states, const StateOf& state_of) {
  Visit visit(call, tile, memory);
  const int end_page = tile.first_page() + tile.pages();
  for (int page = piece.first_page; page < piece.first_page + piece.pages; ++page) {
    if (page + 1 < end_page) {
      const std::uint16_t* next = tile.span->pages[page + 1];
      prefetch(next + call.k_offset(tile.kv_head));
      prefetch(next + call.v_offset(tile.kv_head));
    }
    const PageQueries of = tile.queries_of(page);
    const AttentionState state = state_of(page);
    if (fresh_states) {
      visit_page(call, visit, page, of.first, of.end, true, state);
    } else {
      visit_page(call, visit, page, of.first, of.first_new, false, state);
      visit_page(call, visit, page, of.first_new, of.end, true, state);
    }
  }
}

// -- tiles

// Largest tiles last in position come first: they visit the most pages.
std::vector<Tile> cut_into_tiles(const Call& call, std::span<const AttentionSpan> spans,
                                 int rows_max) {
  const int queries_max =
      std::max(1, static_cast<int>(std::bit_floor(static_cast<unsigned>(rows_max / call.group()))));
  std::vector<Tile> tiles;
  for (const AttentionSpan& span : spans) {
    for (int tile = ceil_div(span.rows, queries_max) - 1; tile >= 0; --tile) {
      const int first = tile * queries_max;
      for (int kv_head = 0; kv_head < call.shape.kv_heads; ++kv_head) {
        tiles.push_back(
            {&span, kv_head, first, std::min(queries_max, span.rows - first), call.rules.window});
      }
    }
  }
  return tiles;
}

// Floats for the results of all pages of all tiles; also gives each tile its part.
std::size_t place_results(const Call& call, std::vector<Tile>& tiles) {
  std::size_t floats = 0;
  for (Tile& tile : tiles) {
    tile.results = floats;
    floats += tile.pages() * call.state_floats(tile.queries * call.group());
  }
  return floats;
}

std::vector<Piece> cut_by_pages(const std::vector<Tile>& tiles, int pieces_wanted, int pages_min) {
  const int ways = ceil_div(pieces_wanted, static_cast<int>(tiles.size()));
  std::vector<Piece> pieces;
  for (int tile = 0; tile < static_cast<int>(tiles.size()); ++tile) {
    const int pages = tiles[tile].pages();
    const int run = std::max(pages_min, ceil_div(pages, ways));
    for (int first = 0; first < pages; first += run) {
      pieces.push_back({tile, tiles[tile].first_page() + first, std::min(run, pages - first)});
    }
  }
  return pieces;
}

void attend_tiles(ThreadPool& pool, const Call& call, AttentionScratch& scratch,
                  const std::vector<Tile>& tiles) {
  pool.run(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t index, int member) {
    const Tile& tile = tiles[index];
    const int rows = tile.queries * call.group();
    auto* memory = reinterpret_cast<float*>(scratch.per_member[member].data());
    // q and the widened page stand in front of the state.
    float* state_memory =
        memory + rows * call.stride() + attention_scratch_floats(call.shape.head_dim);
    const AttentionState state = call.state_at(state_memory, rows);
    const Piece whole{static_cast<int>(index), tile.first_page(), tile.pages()};
    visit_pages(call, tile, whole, memory, false, [&](int) { return state; });
    finish(call, tile, state);
  });
}

// Joins the pages' results of a tile, in page order, to those of its first page.
template <class ResultOf>
void merge_pages(const Call& call, const Tile& tile, const ResultOf& result) {
  const int group = call.group();
  const std::size_t stride = call.stride();
  const int first_page = tile.first_page();
  const AttentionState running = result(tile, first_page);
  for (int page = first_page + 1; page < first_page + tile.pages(); ++page) {
    const PageQueries of = tile.queries_of(page);
    const AttentionState alone = result(tile, page);
    if (of.first < of.first_new) {
      const int row = of.first * group;
      call.kernels.attend_merge(from_row(running, row, stride), from_row(alone, row, stride),
                                (of.first_new - of.first) * group, call.shape.head_dim);
    }
    const int row = of.first_new * group;
    copy_state(from_row(alone, row, stride), from_row(running, row, stride),
               (of.end - of.first_new) * group, stride);
  }
}

// Each page's result stands alone until all are there; then they are merged in page order. The
// same merges as in attend_tiles, hence the same bits.
void attend_by_pages(ThreadPool& pool, const Call& call, AttentionScratch& scratch,
                     const std::vector<Tile>& tiles, const std::vector<Piece>& pieces) {
  auto* results = reinterpret_cast<float*>(scratch.page_results.data());
  const auto result = [&](const Tile& tile, int page) {
    const int rows = tile.queries * call.group();
    const int index = page - tile.first_page();
    return call.state_at(results + tile.results + index * call.state_floats(rows), rows);
  };
  pool.run(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t index, int member) {
    const Tile& tile = tiles[pieces[index].tile];
    auto* memory = reinterpret_cast<float*>(scratch.per_member[member].data());
    visit_pages(call, tile, pieces[index], memory, true,
                [&](int page) { return result(tile, page); });
  });
  pool.run(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t index, int) {
    const Tile& tile = tiles[index];
    merge_pages(call, tile, result);
    finish(call, tile, result(tile, tile.first_page()));
  });
}

void zero_padding(const Rows& rows) {
  const int used = rows.cols % Rows::kBlock;
  if (used == 0) return;
  for (int row = 0; row < rows.rows; ++row) {
    std::fill_n(&rows.at(row, rows.cols - 1) + 1, Rows::kBlock - used, 0.0f);
  }
}

}  // namespace

void attend(ThreadPool& pool, const KernelTable& kernels, AttentionScratch& scratch,
            const AttentionShape& shape, const RopeTable& rope,
            std::span<const AttentionSpan> spans, const Rows& q, const Rows& k, const Rows& v,
            const Rows& out, const HeadRules& rules) {
  const Call call{kernels, shape, rope, rules, q, k, v, out};
  assert(shape.head_dim % 2 == 0 && shape.head_dim <= kHeadDimMax);
  assert(shape.heads % shape.kv_heads == 0 && rope.half() * 2 <= shape.head_dim);
  store_keys_and_values(pool, call, spans);

  const AttentionTuning& tuning = scratch.tuning;
  std::vector<Tile> tiles = cut_into_tiles(call, spans, tuning.tile_rows_max);
  const int rows_max = std::max(tuning.tile_rows_max, call.group());
  const std::size_t member_floats = rows_max * call.stride() +
                                    attention_scratch_floats(shape.head_dim) +
                                    call.state_floats(rows_max);
  scratch.per_member.resize(pool.threads());
  for (AlignedBuffer& memory : scratch.per_member) memory.reserve(member_floats * sizeof(float));

  const int pieces_wanted = tuning.tiles_per_member * pool.threads();
  const std::size_t result_bytes = place_results(call, tiles) * sizeof(float);
  if (pool.threads() == 1 || static_cast<int>(tiles.size()) >= pieces_wanted ||
      result_bytes > tuning.page_result_bytes_max) {
    attend_tiles(pool, call, scratch, tiles);
  } else {
    scratch.page_results.reserve(result_bytes);
    attend_by_pages(pool, call, scratch, tiles,
                    cut_by_pages(tiles, pieces_wanted, tuning.pages_per_piece_min));
  }
  zero_padding(out);
}

}  // namespace pecia::kernels
