#pragma once
// From logits to one token: penalties, temperature, top-k, top-p, min-p and a counter-based draw
// (NUMERICS "Sampling"). A pure function of (logits, history, params, key, position): no state.
// Order of tokens everywhere: logit descending, id ascending. Thread rule: one Sampler per thread.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

struct SamplingParams {
  float temperature = 0.8f;       // 0: the most likely token, smallest id on ties
  int top_k = 40;                 // 0: off
  float top_p = 0.95f;            // 1: off
  float min_p = 0.05f;            // 0: off
  float repeat_penalty = 1.0f;    // divides positive, multiplies negative logits; 1: off
  float frequency_penalty = 0.0f; // subtracted per occurrence
  float presence_penalty = 0.0f;  // subtracted once
  int penalty_window = 64;        // last tokens that penalties look at; 0: off, -1: all
  std::vector<std::pair<TokenId, float>> logit_bias;  // added last
};

// Refuses values outside their ranges, naming the field and what would be right.
Status check(const SamplingParams& params);

struct SampledToken {
  TokenId id = -1;
  float logprob = 0;  // log softmax of the raw logits at id
};

class Sampler {
 public:
  // `key`: first 8 bytes of H(seed, path); `position`: index of the token in its step.
  // A non-finite logit is an Error: "non-finite logits at position N".
  Expected<SampledToken> sample(std::span<const float> logits, std::span<const TokenId> history,
                                const SamplingParams& params, std::uint64_t key,
                                std::uint64_t position);

 private:
  std::vector<float> logits_;
  std::vector<std::pair<float, TokenId>> candidates_;
};

// PROTOCOL "Philox": key = first 8 bytes, little endian, of H(seed, path).
std::uint64_t sampling_key(std::uint64_t seed, std::string_view path);

}  // namespace pecia::kernels
