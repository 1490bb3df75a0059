#include "kernels/engine/sampler.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "kernels/base/exp32.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/base/philox.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kChunk = 1'024;          // ids of one chunk of a whole-vocabulary sum
constexpr std::size_t kFirstCandidates = 256;  // sorted at first where top_k is off, then 4x more
constexpr std::size_t kLogitBiasMax = 4'096;

constexpr std::size_t round_up(std::size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

void exp_row_scalar(float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = exp32(x[i]);
}

// fold(lane, element) over sixteen lanes at once, which compiles to vector code where a loop over
// one accumulator would wait for it; the rest of the elements go to the first lanes.
template <class Fold>
std::array<float, kLanes> fold_lanes(std::span<const float> x, float start, Fold fold) {
  std::array<float, kLanes> lanes;
  lanes.fill(start);
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = fold(lanes[lane], x[i + lane]);
  for (std::size_t lane = 0; i + lane < x.size(); ++lane)
    lanes[lane] = fold(lanes[lane], x[i + lane]);
  return lanes;
}

// Element i goes to lane i mod 16; then lane l and lane l + half, 16 -> 1.
float tree_sum(std::span<const float> x) {
  auto lanes = fold_lanes(x, 0.0f, [](float sum, float v) { return sum + v; });
  for (std::size_t half = kLanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

float maximum(std::span<const float> x) {
  const auto lanes = fold_lanes(x, x[0], [](float max, float v) { return max < v ? v : max; });
  return *std::max_element(lanes.begin(), lanes.end());
}

// The first in order: the smallest id of the largest logit.
TokenId most_likely(std::span<const float> logits) {
  const auto found = std::find(logits.begin(), logits.end(), maximum(logits));
  return static_cast<TokenId>(found - logits.begin());
}

bool precedes(const std::pair<float, TokenId>& a, const std::pair<float, TokenId>& b) {
  return a.first > b.first || (a.first == b.first && a.second < b.second);
}

bool has_penalties(const SamplingParams& params) {
  return params.penalty_window != 0 &&
         (params.repeat_penalty != 1.0f || params.frequency_penalty != 0.0f ||
          params.presence_penalty != 0.0f);
}

float penalised(float logit, std::size_t occurrences, const SamplingParams& params) {
  logit = logit > 0 ? logit / params.repeat_penalty : logit * params.repeat_penalty;
  logit -= static_cast<float>(occurrences) * params.frequency_penalty;
  return logit - params.presence_penalty;
}

Status in_range(const char* field, float value, float low, float high) {
  if (value >= low && value <= high) return {};
  return fail(ErrorKind::refuse, "{} is {}; it must lie between {} and {}", field, value, low,
              high);
}

Status check_bias(const SamplingParams& params) {
  if (params.logit_bias.size() > kLogitBiasMax)
    return fail(ErrorKind::refuse, "logit_bias has {} entries; at most {} are taken",
                params.logit_bias.size(), kLogitBiasMax);
  for (const auto& [id, bias] : params.logit_bias) {
    if (id < 0) return fail(ErrorKind::refuse, "logit_bias names token {}; ids start at 0", id);
    if (Status status = in_range("logit_bias", bias, -1'000.0f, 1'000.0f); !status) return status;
  }
  return {};
}

}  // namespace

Status check(const SamplingParams& params) {
  const auto& p = params;
  // Below 1e-6 the factor 1/T leaves the range where (l - max) * (1/T) keeps a meaning.
  if (p.temperature != 0 && !(p.temperature >= 1e-6f && p.temperature <= 100.0f))
    return fail(ErrorKind::refuse,
                "temperature is {}; it must be 0 (the most likely token) or lie between 1e-6 and "
                "100",
                p.temperature);
  if (p.top_k < 0)
    return fail(ErrorKind::refuse, "top_k is {}; it must be 0 (off) or more", p.top_k);
  if (p.penalty_window < -1)
    return fail(ErrorKind::refuse, "penalty_window is {}; it must be -1 (all), 0 (off) or more",
                p.penalty_window);
  const struct {
    const char* field;
    float value, low, high;
  } ranges[] = {{"top_p", p.top_p, 0.0f, 1.0f},
                {"min_p", p.min_p, 0.0f, 1.0f},
                {"repeat_penalty", p.repeat_penalty, 0.01f, 100.0f},
                {"frequency_penalty", p.frequency_penalty, -100.0f, 100.0f},
                {"presence_penalty", p.presence_penalty, -100.0f, 100.0f}};
  for (const auto& [field, value, low, high] : ranges)
    if (Status status = in_range(field, value, low, high); !status) return status;
  return check_bias(p);
}

// v - v is 0 for every finite v and NaN for any other, and NaN stays.
bool all_finite(std::span<const float> x) {
  const auto lanes = fold_lanes(x, 0.0f, [](float sum, float v) { return sum + (v - v); });
  return std::count(lanes.begin(), lanes.end(), 0.0f) == std::ssize(lanes);
}

Status check_finite(std::span<const float> logits, std::uint64_t position) {
  if (all_finite(logits)) return {};
  return fail(ErrorKind::refuse, "non-finite logits at position {}", position);
}

Sampler::Sampler() : Sampler(exp_row_scalar) {}

Expected<SampledToken> Sampler::sample(std::span<const float> logits,
                                       std::span<const TokenId> history,
                                       const SamplingParams& params, std::uint64_t key,
                                       std::uint64_t position) {
  if (logits.empty()) return fail(ErrorKind::bug, "no logits at position {}", position);
  if (const Status raw = check_finite(logits, position); !raw) return raw.error();
  const auto adjusted = penalise(logits, history, params);
  if (!adjusted) return adjusted.error();
  if (adjusted->data() != logits.data()) {
    if (const Status sums = check_finite(*adjusted, position); !sums) return sums.error();
  }

  const float max = maximum(logits);
  const TokenId id = params.temperature == 0
                         ? most_likely(*adjusted)
                         : draw(*adjusted, params, unit_double(philox64(key, position, 0)));
  const float log_sum = log32(static_cast<float>(sum_exp(logits, max, 1.0f)));
  return SampledToken{id, (logits[static_cast<std::size_t>(id)] - max) - log_sum};
}

// How often each token of the penalty window occurs there.
Status Sampler::count_recent(std::span<const TokenId> history, std::size_t vocabulary,
                             const SamplingParams& params) {
  for (const TokenId id : recent_) occurrences_[static_cast<std::size_t>(id)] = 0;
  recent_.clear();
  if (!has_penalties(params)) return {};
  if (occurrences_.size() < vocabulary) occurrences_.resize(vocabulary);
  const bool all = params.penalty_window < 0;
  const auto window = all ? history.size() : static_cast<std::size_t>(params.penalty_window);
  for (const TokenId id : history.last(std::min(window, history.size()))) {
    if (id < 0 || std::cmp_greater_equal(id, vocabulary))
      return fail(ErrorKind::bug, "history holds token {}, outside 0..{}", id, vocabulary - 1);
    if (occurrences_[static_cast<std::size_t>(id)]++ == 0) recent_.push_back(id);
  }
  return {};
}

Expected<std::span<const float>> Sampler::penalise(std::span<const float> logits,
                                                   std::span<const TokenId> history,
                                                   const SamplingParams& params) {
  const Status counted = count_recent(history, logits.size(), params);
  if (!counted) return counted.error();
  if (recent_.empty() && params.logit_bias.empty()) return logits;

  penalised_.assign(logits.begin(), logits.end());
  for (const TokenId id : recent_) {
    float& logit = penalised_[static_cast<std::size_t>(id)];
    logit = penalised(logit, occurrences_[static_cast<std::size_t>(id)], params);
  }
  for (const auto& [id, bias] : params.logit_bias) {
    if (std::cmp_greater_equal(id, logits.size()))
      return fail(ErrorKind::refuse, "logit_bias names token {}; the vocabulary ends at {}", id,
                  logits.size() - 1);
    penalised_[static_cast<std::size_t>(id)] += bias;
  }
  return std::span<const float>(penalised_);
}

TokenId Sampler::draw(std::span<const float> logits, const SamplingParams& params, double u) {
  const std::size_t top_k = static_cast<std::size_t>(params.top_k);
  const bool whole = top_k == 0 || top_k >= logits.size();
  const std::size_t limit = whole ? logits.size() : top_k;
  const float scale = 1.0f / params.temperature;
  const float max = whole ? maximum(logits) : 0.0f;
  const double whole_sum = whole ? sum_exp(logits, max, scale) : 0.0;

  // Sorting a whole vocabulary costs more than all the rest, and hardly ever is it needed: take as
  // many as settle the draw. The order is total, so a longer prefix never changes a shorter one.
  std::size_t count = whole ? std::min(limit, kFirstCandidates) : limit;
  for (;; count = std::min(limit, count * 4)) {
    select(logits, count);
    weigh(scale);
    const double sum = whole ? whole_sum : std::accumulate(weights_.begin(), weights_.end(), 0.0);
    if (const auto support = truncate(params, {limit, sum}))
      if (const auto id = pick(*support, u)) return *id;
    assert(count < limit);
  }
}

// candidates_ = the first `count` tokens in order.
void Sampler::select(std::span<const float> logits, std::size_t count) {
  const auto cut = [&] {
    const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(count);
    std::nth_element(candidates_.begin(), end - 1, candidates_.end(), precedes);
    candidates_.erase(end, candidates_.end());
  };
  const std::size_t capacity = std::min(logits.size(), 4 * count);
  candidates_.clear();
  candidates_.reserve(capacity);
  // Ids ascend, so a logit equal to the count-th best so far comes behind it: `>` is exact.
  float bar = -std::numeric_limits<float>::infinity();
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] > bar)) continue;
    if (candidates_.size() == capacity) {
      cut();
      bar = candidates_.back().first;
      if (!(logits[id] > bar)) continue;
    }
    candidates_.emplace_back(logits[id], static_cast<TokenId>(id));
  }
  if (candidates_.size() > count) cut();
  std::sort(candidates_.begin(), candidates_.end(), precedes);
}

// weights_ = p of every candidate; the first is exactly 1.
void Sampler::weigh(float scale) {
  const float max = candidates_.front().first;
  weights_.assign(round_up(candidates_.size()), 0.0f);
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    weights_[i] = (candidates_[i].first - max) * scale;
  exp_row_(weights_.data(), weights_.size());
  weights_.resize(candidates_.size());
}

// What top_p and min_p leave; nullopt where the candidates do not reach that far.
std::optional<Sampler::Support> Sampler::truncate(const SamplingParams& params,
                                                  Support after_top_k) const {
  if (params.top_p >= 1.0f && params.min_p <= 0.0f) return after_top_k;
  const double enough = params.top_p < 1.0f ? static_cast<double>(params.top_p) * after_top_k.sum
                                            : std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (i > 0 && (sum >= enough || weights_[i] < params.min_p)) return Support{i, sum};
    sum += weights_[i];
  }
  if (weights_.size() < after_top_k.count) return std::nullopt;
  return after_top_k;
}

// The first candidate with cum > u * sum; nullopt where the candidates do not reach that far.
std::optional<TokenId> Sampler::pick(Support support, double u) const {
  const double mark = u * support.sum;
  const std::size_t reach = std::min(support.count, candidates_.size());
  double sum = 0;
  for (std::size_t i = 0; i < reach; ++i) {
    sum += weights_[i];
    if (sum > mark) return candidates_[i].second;
  }
  if (reach < support.count) return std::nullopt;
  // Only where a chunked sum exceeds the sorted one by its rounding.
  return candidates_[reach - 1].second;
}

// Sum over a whole vocabulary of exp((l - max) * scale), by chunks.
double Sampler::sum_exp(std::span<const float> logits, float max, float scale) const {
  alignas(64) std::array<float, kChunk> row;
  double total = 0;
  for (std::size_t begin = 0; begin < logits.size(); begin += kChunk) {
    const auto chunk = logits.subspan(begin, std::min(kChunk, logits.size() - begin));
    const std::size_t padded = round_up(chunk.size());
    for (std::size_t i = 0; i < chunk.size(); ++i) row[i] = (chunk[i] - max) * scale;
    // exp(-inf) is +0, which adds nothing to the lanes.
    std::fill(row.begin() + chunk.size(), row.begin() + padded,
              -std::numeric_limits<float>::infinity());
    exp_row_(row.data(), padded);
    total += tree_sum(std::span(row).first(padded));
  }
  return total;
}

std::uint64_t sampling_key(std::uint64_t seed, std::string_view path) {
  const Digest digest = FieldHash().field(seed).field(path).digest();
  std::uint64_t key = 0;
  for (unsigned i = 0; i < 8; ++i) key |= std::uint64_t{digest[i]} << (8 * i);
  return key;
}

}  // namespace pecia::kernels
