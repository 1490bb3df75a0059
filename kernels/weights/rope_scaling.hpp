#pragma once
// How models reach beyond the context that they were trained for (transformers,
// modeling_rope_utils.py). Without libm, so that every machine finds the same bits.
// Pure functions, any thread.

#include <vector>

namespace pecia::kernels {

struct Llama3Rope {
  double base = 10'000;           // from 2^-126 to 2^128, as a float has it
  int dimensions = 0;             // of a head that turn
  double factor = 32;             // that long waves are slowed by
  double low_freq_factor = 1;     // waves in the trained context: fewer, and a wave is long
  double high_freq_factor = 4;    // more, and it is short and stays; REQUIRES above the former
  double trained_context = 8192;  // positions
};
// What each rotation frequency is divided by (dimensions / 2 numbers); between long and short waves
// lies a smooth passage.
std::vector<float> llama3_rope_divisors(const Llama3Rope& rope);

// What "longrope" multiplies queries and keys by. `context` and `trained_context`: positions.
// REQUIRES trained_context > 1.
double longrope_magnitude(double context, double trained_context);

}  // namespace pecia::kernels
