#pragma once
// Random weights, written straight in their file format: quantised blocks are drawn, not quantised.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/weights/model_file.hpp"

namespace pecia::kernels {

// One tensor's random numbers: a function of (seed, tensor) and the place in it.
struct RandomStream {
  std::uint64_t seed = 0;
  std::uint32_t tensor = 0;  // its index in the file
};

// Bytes of the unit in which a format is drawn; a chunk of a tensor is whole units, its end aside.
std::size_t synth_unit_bytes(TensorType type);

// Fills `bytes` with weights of mean 0 and about the given standard deviation, beginning at unit
// `first_unit`. REQUIRES can_dequantise(type).
void fill_weights(TensorType type, float deviation, RandomStream stream, std::uint64_t first_unit,
                  std::span<std::byte> bytes);

// Norm weights, uniform in [0.5, 1.5): a norm that is left out or misplaced then shows.
std::vector<float> synth_norm(RandomStream stream, std::size_t count);

}  // namespace pecia::kernels
