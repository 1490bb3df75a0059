// The kernel tables of AVX-512 (F, BW, DQ, VL), with and without VNNI.

#include "kernels/cpu/isa/gemm_i8_avx512.hpp"
#include "kernels/cpu/isa/quantise_avx512.hpp"
#include "kernels/cpu/isa/tables.hpp"
#include "kernels/cpu/isa/vec_avx512.hpp"
#include "kernels/cpu/kernel_table.hpp"

// Written once over Vec:
#include "kernels/cpu/isa/attention_tile.inl"
#include "kernels/cpu/isa/elementwise.inl"
#include "kernels/cpu/isa/gemm_float.inl"
#include "kernels/cpu/isa/training_softmax.inl"

namespace pecia::kernels {
namespace {

template <bool kVnni, PackedLayout kLayout>
constexpr QuantisedKernels kernels_of() {
  if constexpr (!kVnni) {
    return {.tile = i8_tile_any<Bw<kLayout>>};
  } else if constexpr (kLayout.low_bits == 8) {
    return {.tile = i8_tile_any<Vnni<kLayout>>};
  } else {  // dot products are so cheap that unpacking in every tile shows
    return {.tile = i8_tile_any<Vnni<kLayout>>,
            .widen = widen_records<kLayout>,
            .wide_tile = i8_tile_any<Vnni<wide_layout(kLayout)>>};
  }
}

template <bool kVnni>
constexpr KernelTable make_table(const char* name) {
  return {
      .name = name,
      .quantise = quantise_rows,
      .q8_0 = kernels_of<kVnni, kQ8_0>(),
      .q4_0 = kernels_of<kVnni, kQ4_0>(),
      .q4_1 = kernels_of<kVnni, kQ4_1>(),
      .q5_0 = kernels_of<kVnni, kQ5_0>(),
      .q5_1 = kernels_of<kVnni, kQ5_1>(),
      .q4_k = kernels_of<kVnni, kQ4_K>(),
      .q5_k = kernels_of<kVnni, kQ5_K>(),
      .q6_k = kernels_of<kVnni, kQ6_K>(),
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
}

}  // namespace

const KernelTable kAvx512VnniTable = make_table<true>("avx512-vnni");
const KernelTable kAvx512BwTable = make_table<false>("avx512-bw");

}  // namespace pecia::kernels
