#pragma once
// A checkpoint file: this header, then the raw little-endian floats of the weights and of both
// moments in the layout of ParameterTable, then the SHA-256 of everything before it. Floats are
// their own bits, so a run that resumes is the run that was not interrupted. There is no state of a
// generator: Philox's counters are functions of the seed and the step.

#include <array>
#include <cstdint>

#include "kernels/base/hash.hpp"

namespace pecia::kernels {

inline constexpr std::array<char, 8> kCheckpointMagic = {'P', 'E', 'C', 'I', 'A', 'C', 'K', 'P'};
inline constexpr std::uint32_t kCheckpointVersion = 2;
inline constexpr int kCheckpointArrays = 3;  // weights, first moment, second moment

struct CheckpointShape {  // numbers of ModelParams, in its order
  std::uint32_t layers, width, heads, kv_heads, head_dim, ffn_width, vocabulary, context;
  std::uint32_t norm_epsilon_bits;
  std::uint32_t tied_embeddings;
  double rope_base;
  double rope_linear_scale;
  bool operator==(const CheckpointShape&) const = default;
};

struct CheckpointHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t header_bytes;
  CheckpointShape shape;
  std::uint64_t floats;  // of one array
  Digest run;            // fingerprint of options and samples
  std::uint64_t steps;   // done
  std::uint64_t rows;    // targets seen
  double beta1_power;
  double beta2_power;
};
static_assert(sizeof(CheckpointShape) == 56 && sizeof(CheckpointHeader) == 144);

}  // namespace pecia::kernels
