#pragma once
// Rows of weights between f32 and the formats of a file (blocks.hpp); what is written, bit for bit
// as ggml's reference quantisers do (ggml-quants.c, quantize_row_*_ref):
//   Q8_0  d = amax / 127, codes rounded half away from zero
//   Q4_0  d = extreme / -8
// Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernels/weights/blocks.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

// F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K.
bool can_dequantise(TensorType type);
std::string dequantised_types();  // "F32, F16, ...", for error messages
// F32, F16, BF16, Q8_0, Q4_0.
bool can_quantise(TensorType type);

// Exact but where a format adds a minimum, which rounds once.
// REQUIRES: can_dequantise(type), values.size() a multiple of the type's block, and
// bytes.size() the row's size in that type.
void dequantise_row(TensorType type, std::span<const std::byte> bytes, std::span<float> values);

// False where a value is not finite or too large for the format; `bytes` is then undefined.
// REQUIRES can_quantise(type), else as above.
[[nodiscard]] bool quantise_row(TensorType type, std::span<const float> values,
                                std::span<std::byte> bytes);

}  // namespace pecia::kernels
