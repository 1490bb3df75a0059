// The kernel table of AVX2 with FMA and F16C.

#include "kernels/cpu/isa/gemm_i8_avx2.hpp"
#include "kernels/cpu/isa/tables.hpp"
#include "kernels/cpu/isa/vec_avx2.hpp"
#include "kernels/cpu/kernel_table.hpp"

// Written once over Vec:
#include "kernels/cpu/isa/attention_tile.inl"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/gemm_float.inl"

namespace pecia::kernels {

const KernelTable kAvx2Table = {"avx2",
                                quantise_rows,
                                i8_tile_any<Q8_0>,
                                i8_tile_any<Q4_0>,
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

}  // namespace pecia::kernels
