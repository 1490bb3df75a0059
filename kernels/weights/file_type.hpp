#pragma once
// How a GGUF file says which format most of its weights have: the numbers of llama.cpp's
// `llama_ftype`, shared by everything that writes a model.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "kernels/weights/gguf_writer.hpp"

namespace pecia::kernels {

inline constexpr std::string_view kFileTypeKey = "general.file_type";
inline constexpr std::string_view kQuantisationVersionKey = "general.quantization_version";

// Sets both keys. REQUIRES one of F32, F16, Q8_0, Q4_0.
void add_file_type(GgufHeader& header, TensorType type);

// The type a tensor gets where the model's matrices are `target`: vectors are F32, matrices whose
// rows are no whole number of the target's blocks F16.
TensorType weight_type_for(std::span<const std::uint64_t> shape, TensorType target);

// "q8_0", "Q8_0" -> TensorType::q8_0; nullopt for a name that is not one of the four.
std::optional<TensorType> weight_type_named(std::string_view name);

}  // namespace pecia::kernels
