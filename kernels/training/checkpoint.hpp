#pragma once
// Writing and reading of checkpoints. The file appears whole, by rename: where the disk is full the
// checkpoint before it stays. Nothing is taken from a file that is cut short, damaged, or of
// another shape or run; the Error names the file and what is wrong.

#include <cstdint>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/training/adamw.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

struct RunState {
  AdamwState optimiser;
  Digest run{};             // fingerprint of the run it belongs to
  std::uint64_t steps = 0;  // done
  std::uint64_t rows = 0;   // targets seen

  explicit RunState(std::size_t floats) : optimiser(floats) {}
};

Status write_checkpoint(const std::string& path, const ModelParams& shape, const RunState& state);
// REQUIRES a state of the shape's size, which names the run. Changes it only where all is well.
Status read_checkpoint(const std::string& path, const ModelParams& shape, RunState& state);

}  // namespace pecia::kernels
