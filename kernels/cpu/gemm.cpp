#include "kernels/cpu/gemm.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "kernels/cpu/pack_records.hpp"
#include "kernels/cpu/range_handout.hpp"

namespace pecia::kernels {
namespace {

constexpr int kFloatChunk = 128;         // k of one partial chain: part of the contract, not a knob
constexpr int kLineBytes = 64;           // of a cache line
constexpr int kStreamBytesAhead = 8192;  // 7 to 14 records: about DRAM's latency at full speed
constexpr int kSmallRows = 24;           // up to here the kernel itself spreads the prefetch
constexpr int kWidenRows = 4 * kTileRows;  // from here a chunk is widened once for all tiles
constexpr int kWideBlocksMax = 16;         // 32-blocks of a widened chunk, which stays in L1
constexpr int kPackBlocks = 64;            // 32-blocks one packing piece covers

int div_up(int a, int b) { return (a + b - 1) / b; }

using TileFunction = void (*)(const TileArgs&);

// nullptr for the float formats.
const QuantisedKernels* quantised_kernels(const KernelTable& kernels, TensorType type) {
  switch (type) {
    case TensorType::q8_0:
      return &kernels.q8_0;
    case TensorType::q4_0:
      return &kernels.q4_0;
    case TensorType::q4_1:
      return &kernels.q4_1;
    case TensorType::q5_0:
      return &kernels.q5_0;
    case TensorType::q5_1:
      return &kernels.q5_1;
    case TensorType::q4_k:
      return &kernels.q4_k;
    case TensorType::q5_k:
      return &kernels.q5_k;
    case TensorType::q6_k:
      return &kernels.q6_k;
    default:
      return nullptr;
  }
}

TileFunction float_tile(const KernelTable& kernels, TensorType type) {
  switch (type) {
    case TensorType::f16:
      return kernels.tile_f16;
    case TensorType::bf16:
      return kernels.tile_bf16;
    default:
      return kernels.tile_f32;
  }
}

// Rows of the tile that starts at `first`.
int tile_rows(const Rows& x, int first) { return std::min(kTileRows, x.rows - first); }

// -- packing

// Tile t of the 8-bit form starts at t * kTileRows * blocks * 40 bytes, of the float form at
// t * kTileRows * cols floats; inside a tile the records follow each other along k.
std::uint8_t* packed_i8_tile(const GemmScratch& scratch, const Rows& x, int first_row) {
  return reinterpret_cast<std::uint8_t*>(scratch.packed_i8.data()) +
         packed_i8_block_bytes(first_row) * static_cast<std::size_t>(x.blocks());
}

float* packed_f32_tile(const GemmScratch& scratch, const Rows& x, int first_row) {
  return reinterpret_cast<float*>(scratch.packed_f32.data()) +
         static_cast<std::size_t>(first_row) * x.cols;
}

void pack_i8(ThreadPool& pool, const KernelTable& kernels, GemmScratch& scratch, const Rows& x) {
  scratch.packed_i8.reserve(packed_i8_block_bytes(x.rows) * x.blocks());
  const int spans = div_up(x.blocks(), kPackBlocks);
  pool.run(std::int64_t{div_up(x.rows, kTileRows)} * spans, [&](std::int64_t piece, int) {
    const int first_row = static_cast<int>(piece / spans) * kTileRows;
    const int first = static_cast<int>(piece % spans) * kPackBlocks;
    const int rows = tile_rows(x, first_row);
    std::uint8_t* packed =
        packed_i8_tile(scratch, x, first_row) + packed_i8_block_bytes(rows) * first;
    for (int b = first; b < std::min(x.blocks(), first + kPackBlocks); ++b) {
      kernels.quantise(x.block(b, first_row), rows, packed);
      packed += packed_i8_block_bytes(rows);
    }
  });
}

void pack_f32(ThreadPool& pool, GemmScratch& scratch, const Rows& x) {
  scratch.packed_f32.reserve(static_cast<std::size_t>(x.rows) * x.cols * sizeof(float));
  pool.run(div_up(x.rows, kTileRows), [&](std::int64_t tile, int) {
    const int first_row = static_cast<int>(tile) * kTileRows;
    const int rows = tile_rows(x, first_row);
    float* const packed = packed_f32_tile(scratch, x, first_row);
    for (int b = 0; b < x.blocks(); ++b) {
      const int depth = std::min(Rows::kBlock, x.cols - b * Rows::kBlock);
      float* const out = packed + static_cast<std::size_t>(b) * Rows::kBlock * rows;
      for (int row = 0; row < rows; ++row) {
        const float* const in = x.block(b, first_row + row);
        for (int k = 0; k < depth; ++k) out[k * rows + row] = in[k];
      }
    }
  });
}

// -- the product

// A stretch of K that all tiles of a row block work through before the next stretch.
struct Chunk {
  int begin;                  // first 32-block (8-bit) or first k (float)
  int count;                  // blocks or k
  const std::uint8_t* bytes;  // weights of the panel there
  std::size_t size;           // bytes
  const std::uint8_t* read;   // what the tiles read: the same, or a widened copy
};

class Worker {
 public:
  Worker(const KernelTable& kernels, const GemmScratch& scratch, const Rows& x,
         const Product& product)
      : kernels_(kernels),
        scratch_(scratch),
        x_(x),
        product_(product),
        layout_(record_layout(product.weights->type())),
        quantised_(quantised_kernels(kernels, product.weights->type())) {}

  // Rows [first_row, end_row) of one panel; `next_panel` is what this thread reads after it.
  void run_panel(int panel, int first_row, int end_row, const std::uint8_t* next_panel) {
    const bool widen = end_row - first_row >= kWidenRows && can_widen();
    tile_ = tile_function(widen);
    const int depth = quantised_ ? x_.blocks() : x_.cols;
    const int step = chunk_step(end_row - first_row, depth, widen);
    for (int begin = 0; begin < depth; begin += step) {
      Chunk chunk = chunk_at(panel, begin, std::min(step, depth - begin));
      if (widen) chunk.read = widened(chunk);
      const bool last = begin + step >= depth;
      run_chunk(panel, chunk, first_row, end_row, last ? next_panel : chunk.bytes + chunk.size);
    }
  }

 private:
  bool can_widen() const {
    return quantised_ ? quantised_->widen != nullptr : product_.weights->type() != TensorType::f32;
  }

  TileFunction tile_function(bool widen) const {
    if (quantised_) return widen ? quantised_->wide_tile : quantised_->tile;
    return float_tile(kernels_, widen ? TensorType::f32 : product_.weights->type());
  }

  // Whole units of records.
  int chunk_step(int rows, int depth, bool widen) const {
    if (!quantised_) return kFloatChunk;
    if (rows <= kTileRows) return depth;
    const int together = layout_->records_together();
    const int blocks = div_up(scratch_.tuning.chunk_blocks, together) * together;
    return widen ? std::min(blocks, kWideBlocksMax) : blocks;
  }

  Chunk chunk_at(int panel, int begin, int count) const {
    const PackedMatrix& weights = *product_.weights;
    const int together = quantised_ ? layout_->records_together() : 1;
    const int units = (quantised_ ? x_.blocks() : x_.cols) / together;
    const std::size_t unit_bytes = weights.panel_bytes() / static_cast<std::size_t>(units);
    const std::uint8_t* const bytes = weights.panel(panel) + unit_bytes * (begin / together);
    return {begin, count, bytes, unit_bytes * (count / together), bytes};
  }

  // A chunk as the wide tile reads it, exactly: unpacking once spares every tile the work.
  const std::uint8_t* widened(const Chunk& chunk) {
    if (quantised_) {
      quantised_->widen(chunk.bytes, chunk.count, widened_);
      return widened_;
    }
    const auto elements = static_cast<std::size_t>(chunk.count) * kPanelRows;
    const auto* const halves = reinterpret_cast<const std::uint16_t*>(chunk.bytes);
    float* const floats = reinterpret_cast<float*>(widened_);
    product_.weights->type() == TensorType::f16 ? kernels_.from_half(halves, floats, elements)
                                                : kernels_.from_bfloat(halves, floats, elements);
    return widened_;
  }

  // `ahead`: the weights this thread reads next, null where unknown.
  void run_chunk(int panel, const Chunk& chunk, int first_row, int end_row,
                 const std::uint8_t* ahead) const {
    const int tiles = div_up(end_row - first_row, kTileRows);
    for (int row = first_row; row < end_row; row += kTileRows) {
      TileArgs args = tile_args(panel, chunk, row);
      if (scratch_.tuning.prefetch) {
        if (tiles == 1) {
          stream_ahead(args, chunk);
        } else if (ahead != nullptr) {
          ahead = fetch_share(args, chunk, ahead, tiles);
        }
      }
      tile_(args);
    }
  }

  // Weights that are read once: the kernel stays a fixed distance ahead of itself.
  void stream_ahead(TileArgs& args, const Chunk& chunk) const {
    // The hardware follows the wider float stream by itself.
    if (!quantised_ || !scratch_.tuning.stream_ahead) return;
    args.prefetch = chunk.bytes + kStreamBytesAhead;
    args.prefetch_lines = div_up(static_cast<int>(chunk.size / chunk.count), kLineBytes);
  }

  // Every tile of a chunk fetches its share of the next one: few tiles spread it over their blocks,
  // many take it in one go. Returns where the next tile's share begins.
  const std::uint8_t* fetch_share(TileArgs& args, const Chunk& chunk, const std::uint8_t* ahead,
                                  int tiles) const {
    const int lines = div_up(static_cast<int>(chunk.size / kLineBytes), tiles);
    if (quantised_ && chunk.read == chunk.bytes && tiles * kTileRows <= kSmallRows) {
      args.prefetch = ahead;
      args.prefetch_lines = div_up(lines, chunk.count);
      return ahead + std::size_t{kLineBytes} * args.prefetch_lines * chunk.count;
    }
    for (int line = 0; line < lines; ++line, ahead += kLineBytes) __builtin_prefetch(ahead, 0, 2);
    return ahead;
  }

  TileArgs tile_args(int panel, const Chunk& chunk, int row) const {
    TileArgs args{};
    args.rows = tile_rows(x_, row);
    args.first = chunk.begin == 0;
    args.weights = chunk.read;
    args.out = product_.out.block(panel, row);
    if (quantised_) {
      args.blocks = chunk.count;
      args.packed =
          packed_i8_tile(scratch_, x_, row) + packed_i8_block_bytes(args.rows) * chunk.begin;
    } else {
      args.depth = chunk.count;
      args.packed = reinterpret_cast<const std::uint8_t*>(
          packed_f32_tile(scratch_, x_, row) + static_cast<std::size_t>(chunk.begin) * args.rows);
    }
    return args;
  }

  const KernelTable& kernels_;
  const GemmScratch& scratch_;
  const Rows& x_;
  const Product& product_;
  const PackedLayout* layout_;  // null for the float formats, as the next
  const QuantisedKernels* quantised_;
  TileFunction tile_ = nullptr;
  alignas(64) std::uint8_t widened_[kWideBlocksMax * kWideRecordBytesMax];
  static_assert(sizeof widened_ >= kFloatChunk * kPanelRows * sizeof(float));
};

// Rows of a row block, a multiple of kTileRows. Speed only.
int rows_of_block(const Rows& x, bool any_float, const GemmTuning& tuning) {
  const std::size_t row_bytes =
      any_float ? sizeof(float) * x.cols : packed_i8_block_bytes(1) * x.blocks();
  const int fitting = static_cast<int>(tuning.packed_bytes_max / row_bytes);
  const int rows_max = std::max(kTileRows, fitting / kTileRows * kTileRows);
  const int row_blocks = div_up(x.rows, rows_max);
  return div_up(div_up(x.rows, row_blocks), kTileRows) * kTileRows;
}

// All tasks of one call, a panel for a row block each: for every row block the panels of all
// products, one after the other as they lie in memory.
class Tasks {
 public:
  struct Task {
    const Product* product;
    int panel;
    int first_row;
    int end_row;
    const std::uint8_t* weights() const { return product->weights->panel(panel); }
  };

  Tasks(const Rows& x, std::span<const Product> products, int block_rows)
      : x_(x), products_(products), block_rows_(block_rows) {
    int panels = 0;
    for (const Product& product : products) {
      assert(product.weights->inputs() == x.cols && product.out.rows == x.rows);
      panels_up_to_.push_back(panels += product.weights->panels());
    }
  }

  int count() const { return div_up(x_.rows, block_rows_) * panels_up_to_.back(); }

  Task at(int index) const {
    const int first_row = index / panels_up_to_.back() * block_rows_;
    const int panel = index % panels_up_to_.back();
    const auto p = static_cast<std::size_t>(
        std::upper_bound(panels_up_to_.begin(), panels_up_to_.end(), panel) -
        panels_up_to_.begin());
    const int before = p == 0 ? 0 : panels_up_to_[p - 1];
    return {&products_[p], panel - before, first_row, std::min(x_.rows, first_row + block_rows_)};
  }

 private:
  const Rows& x_;
  std::span<const Product> products_;
  int block_rows_;
  std::vector<int> panels_up_to_;  // per product, its own included
};

}  // namespace

void multiply(ThreadPool& pool, const KernelTable& kernels, GemmScratch& scratch, const Rows& x,
              std::span<const Product> products) {
  if (x.rows == 0) return;
  const auto quantised = [](const Product& p) { return record_layout(p.weights->type()); };
  const bool any_i8 = std::any_of(products.begin(), products.end(), quantised);
  const bool any_float = !std::all_of(products.begin(), products.end(), quantised);
  if (any_i8) pack_i8(pool, kernels, scratch, x);
  if (any_float) pack_f32(pool, scratch, x);

  const Tasks tasks(x, products, rows_of_block(x, any_float, scratch.tuning));
  RangeHandout handout(tasks.count(), std::min(tasks.count(), pool.threads()));
  pool.run(handout.ranges(), [&](std::int64_t own, int) {
    handout.drain(static_cast<int>(own), [&](int index, int end) {
      const Tasks::Task task = tasks.at(index);
      const std::uint8_t* const next = index + 1 < end ? tasks.at(index + 1).weights() : nullptr;
      Worker(kernels, scratch, x, *task.product)
          .run_panel(task.panel, task.first_row, task.end_row, next);
    });
  });
}

}  // namespace pecia::kernels
