// The kernel tables of AVX-512 (F, BW, DQ, VL), with and without VNNI.

#include "kernels/cpu/isa/gemm_i8_avx512.hpp"
#include "kernels/cpu/isa/tables.hpp"
#include "kernels/cpu/isa/vec_avx512.hpp"
#include "kernels/cpu/kernel_table.hpp"

// Written once over Vec:
#include "kernels/cpu/isa/attention_tile.inl"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/gemm_float.inl"

namespace pecia::kernels {
namespace {

template <template <class> class Block>
constexpr KernelTable make_table(const char* name) {
  return {name,
          quantise_rows,
          i8_tile_any<Block<Q8_0>>,
          i8_tile_any<Block<Q4_0>>,
          float_tile_any<F16Weights>,
          float_tile_any<F32Weights>,
          elementwise_add,
          elementwise_swiglu,
          elementwise_exp,
          elementwise_log,
          elementwise_to_half,
          elementwise_from_half,
          row_rms_norm,
          head_rope,
          attend_page,
          attend_merge,
          attend_finish};
}

}  // namespace

const KernelTable kAvx512VnniTable = make_table<Vnni>("avx512-vnni");
const KernelTable kAvx512BwTable = make_table<Bw>("avx512-bw");

}  // namespace pecia::kernels
