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

// Consecutive queries of a span against one kv head. Row r of a tile is query r / group of head
// kv_head * group + r % group, so positions ascend with the rows.
struct Tile {
  const AttentionSpan* span;
  int kv_head;
  int first_query;  // within the span
  int queries;
  std::size_t results = 0;  // first float of its page results, where it is cut by pages

  int position(int query) const { return span->first_position + first_query + query; }
  int pages() const { return position(queries - 1) / kPageTokens + 1; }
  // The first query that sees a key of this page.
  int first_query_of(int page) const { return std::max(0, page * kPageTokens - position(0)); }
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
  std::size_t state_floats(int rows) const { return 2 * whole_lines(rows) + rows * stride(); }
};

AttentionState from_row(const AttentionState& state, int row, std::size_t stride) {
  return {state.m + row, state.l + row, state.o + row * stride};
}

// -- keys and values into pages

void store_token(const Call& call, int row, int position, std::uint16_t* page) {
  const int head_dim = call.shape.head_dim;
  const int half = head_dim / 2;
  const int slot = position % kPageTokens;
  alignas(64) std::array<float, kHeadDimMax> values{};
  alignas(64) std::array<std::uint16_t, kHeadDimMax> halves;
  for (int head = 0; head < call.shape.kv_heads; ++head) {
    gather(call.k, row, head * head_dim, head_dim, values.data());
    call.kernels.rope(values.data(), values.data() + half, call.rope.cosines(position),
                      call.rope.sines(position), half);
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
  const int half = head_dim / 2;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  for (int query = 0; query < tile.queries; ++query) {
    const int row = tile.span->first_row + tile.first_query + query;
    const int position = tile.position(query);
    for (int member = 0; member < call.group(); ++member, q += call.stride()) {
      const int head = tile.kv_head * call.group() + member;
      gather(call.q, row, head * head_dim, head_dim, q);
      call.kernels.rope(q, q + half, call.rope.cosines(position), call.rope.sines(position), half);
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

// Visits pages [first, first + pages). State of page p is state_of(p); a fresh one holds the page
// alone, else the page joins what is there.
template <class StateOf>
void visit_pages(const Call& call, const Tile& tile, const Piece& piece, float* memory,
                 bool fresh_states, const StateOf& state_of) {
  const int group = call.group();
  const int rows = tile.queries * group;
  float* const q = memory;
  float* const widened = q + rows * call.stride();
  std::vector<int> valid(rows);
  load_queries(call, tile, q);
  for (int page = piece.first_page; page < piece.first_page + piece.pages; ++page) {
    const int first_query = tile.first_query_of(page);
    const int first_row = first_query * group;
    for (int row = first_row; row < rows; ++row) {
      const int visible = tile.position(row / group) - page * kPageTokens + 1;
      valid[row - first_row] = std::min(visible, kPageTokens);
    }
    const std::uint16_t* keys = tile.span->pages[page];
    if (page + 1 < tile.pages()) {
      const std::uint16_t* next = tile.span->pages[page + 1];
      prefetch(next + call.k_offset(tile.kv_head));
      prefetch(next + call.v_offset(tile.kv_head));
    }
    const AttentionState state = from_row(state_of(page), first_row, call.stride());
    call.kernels.attend_page({.queries = rows - first_row,
                              .head_dim = call.shape.head_dim,
                              .q = q + first_row * call.stride(),
                              .k = keys + call.k_offset(tile.kv_head),
                              .v = keys + call.v_offset(tile.kv_head),
                              .valid = valid.data(),
                              .first_page = fresh_states || page == 0,
                              .m = state.m,
                              .l = state.l,
                              .o = state.o,
                              .scratch = widened});
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
        tiles.push_back({&span, kv_head, first, std::min(queries_max, span.rows - first)});
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
      pieces.push_back({tile, first, std::min(run, pages - first)});
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
    const Piece whole{static_cast<int>(index), 0, tile.pages()};
    visit_pages(call, tile, whole, memory, false, [&](int) { return state; });
    finish(call, tile, state);
  });
}

// Each page's result stands alone until all are there; then they are merged in page order. The
// same merges as in attend_tiles, hence the same bits.
void attend_by_pages(ThreadPool& pool, const Call& call, AttentionScratch& scratch,
                     const std::vector<Tile>& tiles, const std::vector<Piece>& pieces) {
  auto* results = reinterpret_cast<float*>(scratch.page_results.data());
  const auto result = [&](const Tile& tile, int page) {
    const int rows = tile.queries * call.group();
    return call.state_at(results + tile.results + page * call.state_floats(rows), rows);
  };
  pool.run(static_cast<std::int64_t>(pieces.size()), [&](std::int64_t index, int member) {
    const Tile& tile = tiles[pieces[index].tile];
    auto* memory = reinterpret_cast<float*>(scratch.per_member[member].data());
    visit_pages(call, tile, pieces[index], memory, true,
                [&](int page) { return result(tile, page); });
  });
  pool.run(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t index, int) {
    const Tile& tile = tiles[index];
    for (int page = 1; page < tile.pages(); ++page) {
      const int first_row = tile.first_query_of(page) * call.group();
      call.kernels.attend_merge(from_row(result(tile, 0), first_row, call.stride()),
                                from_row(result(tile, page), first_row, call.stride()),
                                tile.queries * call.group() - first_row, call.shape.head_dim);
    }
    finish(call, tile, result(tile, 0));
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
            const Rows& out) {
  const Call call{kernels, shape, rope, q, k, v, out};
  assert(shape.head_dim % 2 == 0 && shape.head_dim <= kHeadDimMax);
  assert(shape.heads % shape.kv_heads == 0 && rope.half() * 2 == shape.head_dim);
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
