#pragma once
// A model to GGUF in another weight format. Matrices are converted, vectors (norms, rope divisors)
// become F32, metadata is copied as it is but for what names the format.
// Memory: a few rows; the source's pages are given back tensor by tensor.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

struct ConvertReport {
  std::uint64_t tensors = 0;
  std::uint64_t bytes_in = 0;  // whole files
  std::uint64_t bytes_out = 0;
  // Matrices that became F16 because their rows are no whole number of the target's blocks.
  std::vector<std::string> fallbacks;
};

// `target`: F32, F16, BF16, Q8_0 or Q4_0. Refused: a source tensor of a type that cannot be
// dequantised, and a weight that is not finite or too large for the target. `path` may be the
// source itself.
Expected<ConvertReport> convert_gguf(const ModelFile& source, TensorType target,
                                     const std::string& path, const WriteProgress& progress = {});

}  // namespace pecia::kernels
