#pragma once
// Where a row of a parameter lies in a GGUF file: heads of q and k stand in the file's own order.

#include <cstdint>

#include "kernels/training/parameters.hpp"
#include "kernels/weights/model_tensors.hpp"

namespace pecia::kernels {

inline std::uint64_t file_row(const ParameterSpec& spec, int head_dim, int row) {
  const bool rotated = spec.name.ends_with("attn_q.weight") || spec.name.ends_with("attn_k.weight");
  const auto own = static_cast<std::uint64_t>(row);
  return rotated ? rope_file_row(own, static_cast<std::uint64_t>(head_dim)) : own;
}

}  // namespace pecia::kernels
