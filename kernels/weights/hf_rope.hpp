#pragma once
// The rotary settings of a config.json: `rope_theta` and `rope_scaling`, or `rope_parameters` that
// newer writers put in their place. Private to hf_config.

#include "kernels/weights/hf_config.hpp"

namespace pecia::kernels {

struct HfRope {
  std::uint64_t dimensions = 0;  // of a head that turn
  std::uint64_t context = 0;     // positions the model was trained for
  double base_default = 10'000;  // where the file names none
};

// Appends the keys and fills the lists of divisors. Faults stand in `fields`.
void read_hf_rope(JsonFields& fields, const HfRope& rope, HfConfig& config, GgufHeader& header);

}  // namespace pecia::kernels
