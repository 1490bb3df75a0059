#include "kernels/training/products.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {
namespace {

constexpr int kBlock = Rows::kBlock;
constexpr std::size_t kRowsBlockBytes = 256 * 1024;  // of `a`, kept in L2 from panel to panel
constexpr int kRowsBlockMin = 32;

int div_up(int a, int b) { return (a + b - 1) / b; }

// Rows of `a` one piece works on. Speed only.
int block_rows(const RowsProduct& product) {
  std::size_t row_bytes = 0;
  for (const ProductTerm& term : product.terms) row_bytes += sizeof(float) * term.a.cols;
  const int fitting = static_cast<int>(kRowsBlockBytes / row_bytes) / kBlock * kBlock;
  return std::max(kRowsBlockMin, fitting);
}

int pieces_of(const RowsProduct& product) {
  return div_up(product.out.rows, block_rows(product)) * product.out.blocks();
}
int pieces_of(const ColumnsProduct& product) { return product.a.blocks(); }

void run_piece(const KernelTable& kernels, const RowsProduct& product, int piece) {
  const int panel = piece % product.out.blocks();
  const int first = piece / product.out.blocks() * block_rows(product);
  ProductTile tile{};
  tile.rows = std::min(block_rows(product), product.out.rows - first);
  tile.out = product.out.block(panel, first);
  for (const ProductTerm& term : product.terms) {
    tile.a_block_stride = static_cast<std::size_t>(term.a.rows) * kBlock;
    for (int k = 0; k < term.b.rows; k += kProductDepth) {
      tile.depth = std::min(kProductDepth, term.b.rows - k);
      tile.a = term.a.block(k / kBlock, first);
      tile.b = term.b.block(panel, k);
      kernels.training.multiply_rows(tile);
      tile.add = true;
    }
  }
}

// 32 rows of `out`, all its columns: block `piece` of a's columns against every panel of b.
void run_piece(const KernelTable& kernels, std::span<const RowRange> units,
               const ColumnsProduct& product, int piece) {
  alignas(64) float total[kBlock * kBlock];
  ProductTile tile{};
  tile.rows = std::min(kBlock, product.out.rows - piece * kBlock);
  tile.a_block_stride = kBlock * kBlock;
  for (const RowRange& unit : units) {
    for (int panel = 0; panel < product.out.blocks(); ++panel) {
      float* const out = product.out.block(panel, piece * kBlock);
      const bool one_chunk = unit.rows <= kProductDepth;
      tile.out = one_chunk ? out : total;
      tile.add = one_chunk;
      for (int t = 0; t < unit.rows; t += kProductDepth) {
        tile.depth = std::min(kProductDepth, unit.rows - t);
        tile.a = product.a.block(piece, unit.first + t);
        tile.b = product.b.block(panel, unit.first + t);
        kernels.training.multiply_columns(tile);
        tile.add = true;
      }
      if (!one_chunk) kernels.add(out, total, static_cast<std::size_t>(tile.rows) * kBlock);
    }
  }
}

}  // namespace

void multiply(ThreadPool& pool, const KernelTable& kernels, std::span<const RowRange> units,
              std::span<const RowsProduct> rows, std::span<const ColumnsProduct> columns) {
  std::vector<int> end;  // pieces up to and including a product, rows first
  int total = 0;
  for (const RowsProduct& product : rows) {
    for ([[maybe_unused]] const ProductTerm& term : product.terms) {
      assert(term.a.cols == term.b.rows && term.b.cols == product.out.cols);
    }
    end.push_back(total += pieces_of(product));
  }
  for (const ColumnsProduct& product : columns) {
    assert(product.a.cols == product.out.rows && product.b.cols == product.out.cols);
    end.push_back(total += pieces_of(product));
  }
  pool.run(total, [&](std::int64_t index, int) {
    const int piece = static_cast<int>(index);
    const auto which =
        static_cast<std::size_t>(std::upper_bound(end.begin(), end.end(), piece) - end.begin());
    const int own = piece - (which == 0 ? 0 : end[which - 1]);
    if (which < rows.size()) {
      run_piece(kernels, rows[which], own);
    } else {
      run_piece(kernels, units, columns[which - rows.size()], own);
    }
  });
}

}  // namespace pecia::kernels
