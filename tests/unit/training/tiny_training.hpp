#pragma once
// Tiny shapes and inputs for the tests of training.

#include <cstdint>
#include <vector>

#include "kernels/base/philox.hpp"
#include "kernels/training/model_pass.hpp"

namespace pecia::kernels::testing {

// Grouped heads and a head of its own.
inline ModelParams tiny_trainable() {
  ModelParams shape;
  shape.architecture = "llama";
  shape.layers = 2;
  shape.width = 64;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_dim = 32;
  shape.ffn_width = 96;
  shape.vocabulary = 50;
  shape.context = 256;
  shape.norm_epsilon = 1e-5f;
  return shape;
}

inline ModelParams tied_trainable() {
  ModelParams shape = tiny_trainable();
  shape.kv_heads = 2;
  shape.tied_embeddings = true;
  return shape;
}

// Units of sequences with random tokens; one weight in seven is 0, one 2.
inline PassInput random_input(const std::vector<std::vector<int>>& units, int vocabulary,
                              std::uint64_t seed) {
  PassInput input;
  for (const std::vector<int>& unit : units) {
    const int first = input.rows.rows;
    for (const int length : unit) {
      input.rows.sequences.push_back({input.rows.rows, length});
      input.rows.rows += length;
    }
    input.rows.units.push_back({first, input.rows.rows - first});
  }
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(input.rows.rows); ++i) {
    input.tokens.push_back(static_cast<TokenId>(philox64(seed, i, 0) % vocabulary));
    input.targets.push_back(static_cast<TokenId>(philox64(seed, i, 1) % vocabulary));
    input.weights.push_back(i % 7 == 0 ? 0.0f : i % 7 == 1 ? 2.0f : 1.0f);
  }
  return input;
}

}  // namespace pecia::kernels::testing
