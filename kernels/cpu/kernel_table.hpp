#pragma once
// The inner loops of one instruction set. The drivers (gemm, ops, attention) are written once and
// call through this table; each table is filled by one file compiled for its instruction set.

#include <cstddef>
#include <cstdint>

#include "kernels/base/model_limits.hpp"
#include "kernels/cpu/isa.hpp"
#include "kernels/cpu/packed_layout.hpp"
#include "kernels/cpu/training_kernels.hpp"

namespace pecia::kernels {

struct TileArgs {
  int rows;                     // 1..kTileRows
  int blocks;                   // 32-blocks (8-bit) of this chunk, of a K format whole groups of 8
  int depth;                    // k of this chunk (float formats), 1..128
  bool first;                   // the chain starts at +0; else it resumes from out
  int prefetch_lines;           // from `prefetch` on, to fetch with every block; 0: none
  const std::uint8_t* weights;  // records of one panel, from a unit's first on
  const std::uint8_t* packed;   // packed activations of the tile, at the chunk's first block / k
  float* out;                   // (rows, 32), row stride 32
  const std::uint8_t* prefetch;
};

// Floats between two rows of q and o: whole vectors, so that any head_dim runs the same loops.
constexpr std::size_t attention_stride(int head_dim) {
  return (static_cast<std::size_t>(head_dim) + 15) / 16 * 16;
}
constexpr std::size_t attention_scratch_floats(int head_dim) {  // K and V of a page, widened
  return kPageTokens * (static_cast<std::size_t>(head_dim) + attention_stride(head_dim));
}

// Queries against one page of one kv head. State rows m, l, o: the pages merged so far.
struct AttentionTile {
  int queries;  // rows
  int head_dim;
  const float* q;          // (queries, stride), scaled by 1/sqrt(head_dim)
  const std::uint16_t* k;  // (head_dim, 32) f16
  const std::uint16_t* v;  // (32, head_dim) f16
  const int* valid;        // (queries): keys 0..valid-1 of this page are visible, 1..32
  const int* hidden;       // (queries): but for keys 0..hidden-1, hidden < valid; null: none
  bool first_page;         // no state yet: the page's result becomes the state
  float* m;                // (queries) running maximum
  float* l;                // (queries) running sum
  float* o;                // (queries, stride) running output
  float* scratch;          // attention_scratch_floats(head_dim)
};

// m, l and o of several rows, as in AttentionTile.
struct AttentionState {
  float* m;
  float* l;
  float* o;
};

// The products of one quantised format.
struct QuantisedKernels {
  void (*tile)(const TileArgs& args);
  // For many rows: unpacks `blocks` 32-blocks once for all tiles into wide records (whole bytes,
  // f32 scales), and the tile that reads those. Null where that gains nothing.
  void (*widen)(const std::uint8_t* weights, int blocks, std::uint8_t* wide) = nullptr;
  void (*wide_tile)(const TileArgs& args) = nullptr;
};

struct KernelTable {
  const char* name;  // "avx512-vnni", "avx512-bw", "avx2", "portable"

  // -- matrix product ------------------------------------------------------------------------
  // x: (rows, 32) floats, row stride 32; writes one packed 8-bit record.
  void (*quantise)(const float* x, int rows, std::uint8_t* packed);
  QuantisedKernels q8_0, q4_0, q4_1, q5_0, q5_1, q4_k, q5_k, q6_k;
  void (*tile_f16)(const TileArgs& args);
  void (*tile_bf16)(const TileArgs& args);
  void (*tile_f32)(const TileArgs& args);

  // -- elementwise, n floats, n a multiple of 16 -------------------------------------------------
  void (*add)(float* x, const float* y, std::size_t n);  // x += y
  // out = silu(gate) * up; out may be gate or up.
  void (*swiglu)(const float* gate, const float* up, float* out, std::size_t n);
  // As swiglu, with gelu in its tanh form in place of silu; gelu alone in place.
  void (*geglu)(const float* gate, const float* up, float* out, std::size_t n);
  void (*gelu)(float* x, std::size_t n);
  void (*exp)(float* x, std::size_t n);                              // for tests and sampling
  void (*to_half)(const float* x, std::uint16_t* y, std::size_t n);  // RNE, clamped to +-65504
  void (*from_half)(const std::uint16_t* x, float* y, std::size_t n);
  void (*from_bfloat)(const std::uint16_t* x, float* y, std::size_t n);
  // One row given as `blocks` runs of 32 floats, `stride` floats apart; `cols` of them count.
  void (*rms_norm)(const float* x, float* y, std::size_t stride, int cols, const float* weight,
                   float epsilon);
  void (*layer_norm)(const float* x, float* y, std::size_t stride, int cols, const float* weight,
                     const float* bias, float epsilon);
  void (*add_bias)(float* x, const float* bias, int rows);  // x: (rows, 32), bias: (32)
  // x0, x1: (half) floats each; y0 = x0 c - x1 s, y1 = x0 s + x1 c in the order of NUMERICS.
  void (*rope)(float* x0, float* x1, const float* cosines, const float* sines, int half);

  // -- attention ---------------------------------------------------------------------------------
  void (*attend_page)(const AttentionTile& tile);
  // Joins the result of a later page, taken alone, to the running state.
  void (*attend_merge)(const AttentionState& running, const AttentionState& page, int queries,
                       int head_dim);
  void (*attend_finish)(float* o, const float* l, int queries, int head_dim);  // o *= 1/l

  TrainingKernels training;
};

const KernelTable& kernel_table(Isa isa);  // REQUIRES has_isa(isa)
// Tables this CPU can run, the best first; tests walk over all of them.
// (avx512 appears as -vnni and -bw where VNNI is present.)
struct KernelTableList {
  const KernelTable* tables[4];
  int count;
};
KernelTableList runnable_kernel_tables();

}  // namespace pecia::kernels
