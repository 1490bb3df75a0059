#pragma once
// out = x * W^T for one row and for many, one code path, bits independent of rows, threads, tiles
// and instruction set (NUMERICS section 1: one lane is one output; a chain over K is cut and
// resumed from the stored f32).

#include <span>

#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/isa.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/packed_matrix.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

struct Product {
  const PackedMatrix* weights;  // (N, K)
  Rows out;                     // (rows, N), overwritten
};

// Knobs that may change speed and never bits; tests scramble them.
struct GemmTuning {
  int chunk_blocks = 16;  // blocks of 32 k a tile works through before the next tile
  std::size_t packed_bytes_max = 768 * 1024;  // packed rows of one M block, kept in L2
  bool prefetch = true;
  // Few rows, whose weights are read once: software runs ahead of the stream.
  bool stream_ahead = gains_by_stream_prefetch();
};

// Scratch of one engine: packed activations, reused from product to product.
struct GemmScratch {
  AlignedBuffer packed_i8;
  AlignedBuffer packed_f32;
  GemmTuning tuning;
};

// All products share x (rows, K); their weights may differ in type.
void multiply(ThreadPool& pool, const KernelTable& kernels, GemmScratch& scratch, const Rows& x,
              std::span<const Product> products);

}  // namespace pecia::kernels
