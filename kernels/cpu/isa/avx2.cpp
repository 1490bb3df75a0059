// The kernel table of AVX2 with FMA and F16C.

#include "kernels/cpu/isa/gemm_i8_avx2.hpp"
#include "kernels/cpu/isa/tables.hpp"
#include "kernels/cpu/isa/vec_avx2.hpp"
#include "kernels/cpu/kernel_table.hpp"

// Written once over Vec:
#include "kernels/cpu/isa/attention_tile.inl"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/gemm_float.inl"
#include "kernels/cpu/isa/training_softmax.inl"

namespace pecia::kernels {

const KernelTable kAvx2Table = {
    .name = "avx2",
    .quantise = quantise_rows,
    .tile_q8_0 = i8_tile_any<Q8_0>,
    .tile_q4_0 = i8_tile_any<Q4_0>,
    .tile_f16 = float_tile_any<F16Weights>,
    .tile_f32 = float_tile_any<F32Weights>,
    .add = elementwise_add,
    .swiglu = elementwise_swiglu,
    .geglu = elementwise_geglu,
    .gelu = elementwise_gelu,
    .exp = elementwise_exp,
    .to_half = elementwise_to_half,
    .from_half = elementwise_from_half,
    .rms_norm = row_rms_norm,
    .layer_norm = row_layer_norm,
    .add_bias = block_add_bias,
    .rope = head_rope,
    .attend_page = attend_page,
    .attend_merge = attend_merge,
    .attend_finish = attend_finish,
    .training = kTrainingKernels,
};

}  // namespace pecia::kernels
