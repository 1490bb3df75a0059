// The kernel table of plain C++.

#include "kernels/cpu/isa/gemm_i8_portable.hpp"
#include "kernels/cpu/isa/tables.hpp"
#include "kernels/cpu/isa/vec_portable.hpp"
#include "kernels/cpu/kernel_table.hpp"

// Written once over Vec:
#include "kernels/cpu/isa/attention_tile.inl"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/gemm_float.inl"
#include "kernels/cpu/isa/training_softmax.inl"

namespace pecia::kernels {

const KernelTable kPortableTable = {
    .name = "portable",
    .quantise = quantise_rows,
    .q8_0 = {.tile = i8_tile_any<kQ8_0>},
    .q4_0 = {.tile = i8_tile_any<kQ4_0>},
    .q4_1 = {.tile = i8_tile_any<kQ4_1>},
    .q5_0 = {.tile = i8_tile_any<kQ5_0>},
    .q5_1 = {.tile = i8_tile_any<kQ5_1>},
    .q4_k = {.tile = i8_tile_any<kQ4_K>},
    .q5_k = {.tile = i8_tile_any<kQ5_K>},
    .q6_k = {.tile = i8_tile_any<kQ6_K>},
    .tile_f16 = float_tile_any<F16Weights>,
    .tile_bf16 = float_tile_any<Bf16Weights>,
    .tile_f32 = float_tile_any<F32Weights>,
    .add = elementwise_add,
    .swiglu = elementwise_swiglu,
    .geglu = elementwise_geglu,
    .gelu = elementwise_gelu,
    .exp = elementwise_exp,
    .to_half = elementwise_to_half,
    .from_half = elementwise_from_half,
    .from_bfloat = elementwise_from_bfloat,
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
