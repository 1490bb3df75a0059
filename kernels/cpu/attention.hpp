#pragma once
// Paged attention (NUMERICS section 1): each query visits the pages of its sequence in page order,
// each page is summed alone and merged in order, so any cut of a prompt gives the same bits.
// A layer's part of a page: K [kv_heads][head_dim][32] f16, then V [kv_heads][32][head_dim] f16.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/model_limits.hpp"
#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/ops.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

struct AttentionShape {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  std::size_t layer_page_halves() const { return kernels::layer_page_halves(kv_heads, head_dim); }
};

// What a layer asks of its heads beyond the plain case.
struct HeadRules {
  // (head_dim) weights of an RMS norm of every query and key head, before it turns; empty: none.
  std::span<const float> q_norm, k_norm;
  float norm_epsilon = 0;
  float query_scale = 0;  // 0: 1/sqrt(head_dim)
  int window = 0;         // keys a query sees, its own included; 0: all
};

// Consecutive rows of the batch that belong to one sequence, at consecutive positions.
struct AttentionSpan {
  int first_row = 0;
  int rows = 0;
  int first_position = 0;
  // This layer's part of page p (positions 32p..32p+31), for all p up to the last position.
  std::vector<std::uint16_t*> pages;
};

// Knobs that may change speed and never bits; tests scramble them.
struct AttentionTuning {
  // Query rows (queries times heads of a group) that share a widened page: enough to make widening
  // cheap, few enough that q and o stay in L2.
  int tile_rows_max = 64;
  // Fewer tiles a member than this, and long tiles are cut by pages so that all members have work.
  int tiles_per_member = 4;
  int pages_per_piece_min = 8;
  // Page results kept for the ordered merge; a batch that needs more is not cut by pages.
  std::size_t page_result_bytes_max = std::size_t{32} << 20;
};

// Working memory of attend(), reused from call to call.
struct AttentionScratch {
  std::vector<AlignedBuffer> per_member;
  AlignedBuffer page_results;  // of tiles whose pages several members share
  AttentionTuning tuning;
};

// Rotates q and k (rows, heads * head_dim / kv_heads * head_dim), scales q by 1/sqrt(head_dim), and
// stores k and v (rows, kv_heads * head_dim) as f16 into the pages; slots of a page that hold no
// token yet are not touched and REQUIRED to be zero. Then out (rows, heads * head_dim) = attention
// of every row over its own past, padding columns zero. q, k and v are only read. REQUIRES
// rope.half() * 2 <= head_dim and rope extended over the last position.
// A key outside the window is masked as a later one is: it adds exactly nothing. Pages without a
// key in a query's window are skipped; the first that has one begins its sums.
void attend(ThreadPool& pool, const KernelTable& kernels, AttentionScratch& scratch,
            const AttentionShape& shape, const RopeTable& rope,
            std::span<const AttentionSpan> spans, const Rows& q, const Rows& k, const Rows& v,
            const Rows& out, const HeadRules& rules = {});

}  // namespace pecia::kernels
