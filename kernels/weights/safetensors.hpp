#pragma once
// A strict, bounded reader of the safetensors format (huggingface/safetensors README, "Format"):
//   u64 header length, a JSON object of that many bytes, then the tensors' data
//   header: {"NAME": {"dtype": "F16", "shape": [rows, cols], "data_offsets": [begin, end]}, ..}
// Offsets count from the end of the header. The tensors tile the data: no hole, no overlap, and
// shape times dtype is each one's size. Any byte string either reads or yields one Error (kind
// refuse) naming file, place and reason.
// Thread rule: pure. Views in the result are into the bytes that were given.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

struct StoredTensor {
  std::string name;
  std::string dtype;                 // "F32", "BF16", ..
  std::vector<std::uint64_t> shape;  // outermost first, as in the file; none of a single number
  std::span<const std::byte> bytes;
};

struct SafetensorsLimits {
  std::uint64_t header_bytes_max = 100'000'000;  // as the reference reader
  std::uint64_t tensors_max = 65'536;
  std::uint64_t name_bytes_max = 1'024;
  std::uint64_t dimensions_max = 8;
};

// In the order of their data. `name` is the file's, for errors.
Expected<std::vector<StoredTensor>> read_safetensors(std::span<const std::byte> file,
                                                     const std::string& name,
                                                     const SafetensorsLimits& limits = {});

}  // namespace pecia::kernels
