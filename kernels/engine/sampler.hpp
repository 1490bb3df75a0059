#pragma once
// From logits to one token (NUMERICS "Sampling"): a pure function of (logits, history, params, key,
// position); the members are scratch memory alone. Thread rule: one Sampler per thread.
//
//   raw logits -> repeat, frequency, presence penalty, bias         (each in f32, in this order)
//     -> temperature 0: the first in order
//     -> p = exp((l - max) * (1 / T)) -> top_k -> top_p, min_p -> draw
//
// Order of tokens everywhere: logit descending, id ascending. Every cut keeps a prefix of it:
//   top_k  the first k
//   top_p  up to the first token where cum >= top_p * total, total being the sum after top_k
//   min_p  up to the first token with p < min_p (the largest p is 1 exactly)
//   draw   the first token with cum > u * total, total being the sum of what is left
// Sums are in double in sorted order; the sum over a whole vocabulary goes by chunks of 1,024 ids,
// each by 16 lanes and a tree in f32, the chunks added in double in order.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

struct SamplingParams {
  float temperature = 0.8f;        // 0: the most likely token, smallest id on ties
  int top_k = 40;                  // 0: off
  float top_p = 0.95f;             // 1: off
  float min_p = 0.05f;             // 0: off
  float repeat_penalty = 1.0f;     // divides positive, multiplies negative logits; 1: off
  float frequency_penalty = 0.0f;  // subtracted per occurrence
  float presence_penalty = 0.0f;   // subtracted once
  int penalty_window = 64;         // last tokens that penalties look at; 0: off, -1: all
  std::vector<std::pair<TokenId, float>> logit_bias;  // added last, in the order given
};

// Refuses values outside their ranges, naming the field and what would be right.
Status check(const SamplingParams& params);

bool all_finite(std::span<const float> x);
// Refuses logits that are not all numbers: "non-finite logits at position N".
Status check_finite(std::span<const float> logits, std::uint64_t position);

struct SampledToken {
  TokenId id = -1;
  float logprob = 0;  // log softmax of the raw logits at id
};

class Sampler {
 public:
  // exp in place over n floats, n a multiple of 16, with the bits of exp32(): KernelTable::exp.
  using ExpRow = void (*)(float* x, std::size_t n);

  Sampler();  // by exp32(): the same bits, more slowly
  explicit Sampler(ExpRow exp_row) : exp_row_(exp_row) {}

  // `key`: sampling_key(); `position`: index of the token in its step; `history`: tokens before
  // it, oldest first. A non-finite logit, raw or adjusted, is check_finite()'s Error.
  // REQUIRES check(params).
  Expected<SampledToken> sample(std::span<const float> logits, std::span<const TokenId> history,
                                const SamplingParams& params, std::uint64_t key,
                                std::uint64_t position);

 private:
  // The first `count` tokens in order, to draw from; `sum` of their weights.
  struct Support {
    std::size_t count;
    double sum;
  };

  Status count_recent(std::span<const TokenId> history, std::size_t vocabulary,
                      const SamplingParams& params);
  Expected<std::span<const float>> penalise(std::span<const float> logits,
                                            std::span<const TokenId> history,
                                            const SamplingParams& params);
  TokenId draw(std::span<const float> logits, const SamplingParams& params, double u);
  void select(std::span<const float> logits, std::size_t count);
  void weigh(float scale);
  std::optional<Support> truncate(const SamplingParams& params, Support after_top_k) const;
  std::optional<TokenId> pick(Support support, double u) const;
  double sum_exp(std::span<const float> logits, float max, float scale) const;

  ExpRow exp_row_;
  std::vector<float> penalised_;                       // (vocabulary)
  std::vector<std::uint32_t> occurrences_;             // (vocabulary), of recent_; else 0
  std::vector<TokenId> recent_;                        // each token of the penalty window once
  std::vector<std::pair<float, TokenId>> candidates_;  // a prefix of the order
  std::vector<float> weights_;                         // p of each candidate
};

// PROTOCOL "Philox": key = first 8 bytes, little endian, of H(seed, path).
std::uint64_t sampling_key(std::uint64_t seed, std::string_view path);

}  // namespace pecia::kernels
