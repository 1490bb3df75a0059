#pragma once
// The rules of NUMERICS "Sampling" once more, as plainly as they can be said: everything sorted,
// nothing saved, no code shared with the sampler but exp32(), log32() and Philox.

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "kernels/base/exp32.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/engine/sampler.hpp"

namespace pecia::kernels::reference {

struct Weighted {
  TokenId id;
  float logit;
  float p;
};

inline std::vector<float> penalise(std::vector<float> logits, const std::vector<TokenId>& history,
                                   const SamplingParams& params) {
  std::map<TokenId, int> counts;
  for (std::size_t back = 1; back <= history.size(); ++back)
    if (params.penalty_window < 0 || back <= static_cast<std::size_t>(params.penalty_window))
      ++counts[history[history.size() - back]];
  for (const auto& [id, count] : counts) {
    float& l = logits[static_cast<std::size_t>(id)];
    l = l > 0 ? l / params.repeat_penalty : l * params.repeat_penalty;
    l = l - static_cast<float>(count) * params.frequency_penalty;
    l = l - params.presence_penalty;
  }
  for (const auto& [id, bias] : params.logit_bias) logits[static_cast<std::size_t>(id)] += bias;
  return logits;
}

// Sum over p in id order: chunks of 1,024, sixteen lanes, a tree, chunk sums added in double.
inline double chunked_sum(const std::vector<float>& p) {
  double total = 0;
  for (std::size_t chunk = 0; chunk < p.size(); chunk += 1024) {
    float lane[16] = {};
    for (std::size_t i = chunk; i < std::min(chunk + 1024, p.size()); ++i)
      lane[(i - chunk) % 16] += p[i];
    for (int l = 0; l < 8; ++l) lane[l] += lane[l + 8];
    for (int l = 0; l < 4; ++l) lane[l] += lane[l + 4];
    for (int l = 0; l < 2; ++l) lane[l] += lane[l + 2];
    total += static_cast<double>(lane[0] + lane[1]);
  }
  return total;
}

inline float log_softmax(const std::vector<float>& logits, TokenId id) {
  const float max = *std::max_element(logits.begin(), logits.end());
  std::vector<float> p;
  for (float l : logits) p.push_back(exp32(l - max));
  const float log_sum = log32(static_cast<float>(chunked_sum(p)));
  return (logits[static_cast<std::size_t>(id)] - max) - log_sum;
}

inline std::vector<Weighted> in_order(const std::vector<float>& logits, float temperature) {
  const float max = *std::max_element(logits.begin(), logits.end());
  const float scale = temperature == 0 ? 1.0f : 1.0f / temperature;
  std::vector<Weighted> tokens;
  for (std::size_t id = 0; id < logits.size(); ++id)
    tokens.push_back({static_cast<TokenId>(id), logits[id], exp32((logits[id] - max) * scale)});
  std::sort(tokens.begin(), tokens.end(), [](const Weighted& a, const Weighted& b) {
    if (a.logit != b.logit) return a.logit > b.logit;
    return a.id < b.id;
  });
  return tokens;
}

// In sorted order, but by chunks where `tokens` is still the whole vocabulary.
inline double sum(const std::vector<Weighted>& tokens, std::size_t vocabulary) {
  if (tokens.size() == vocabulary) {
    std::vector<float> by_id(vocabulary);
    for (const Weighted& token : tokens) by_id[static_cast<std::size_t>(token.id)] = token.p;
    return chunked_sum(by_id);
  }
  double total = 0;
  for (const Weighted& token : tokens) total += static_cast<double>(token.p);
  return total;
}

inline void keep_top_p(std::vector<Weighted>& tokens, std::size_t vocabulary, float top_p) {
  const double enough = static_cast<double>(top_p) * sum(tokens, vocabulary);
  double cum = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    cum += static_cast<double>(tokens[i].p);
    if (cum >= enough) return tokens.resize(i + 1);
  }
}

inline void keep_min_p(std::vector<Weighted>& tokens, float min_p) {
  const auto less = [&](const Weighted& token) { return token.p < min_p; };
  tokens.erase(std::find_if(tokens.begin(), tokens.end(), less), tokens.end());
}

inline SampledToken sample(const std::vector<float>& logits, const std::vector<TokenId>& history,
                           const SamplingParams& params, std::uint64_t key,
                           std::uint64_t position) {
  auto tokens = in_order(penalise(logits, history, params), params.temperature);
  const auto answer = [&](const Weighted& token) {
    return SampledToken{token.id, log_softmax(logits, token.id)};
  };
  if (params.temperature == 0) return answer(tokens.front());
  if (params.top_k > 0)
    tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(params.top_k)));
  if (params.top_p < 1) keep_top_p(tokens, logits.size(), params.top_p);
  keep_min_p(tokens, params.min_p);
  const double mark = unit_double(philox64(key, position, 0)) * sum(tokens, logits.size());
  double cum = 0;
  for (const Weighted& token : tokens) {
    cum += static_cast<double>(token.p);
    if (cum > mark) return answer(token);
  }
  return answer(tokens.back());
}

}  // namespace pecia::kernels::reference
