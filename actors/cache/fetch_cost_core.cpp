#include "actors/cache/fetch_cost_core.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::actors {
namespace {

constexpr double kNewShare = 0.25;
constexpr double kMicrosecondsPerSecond = 1e6;

double per_second(std::size_t count, std::uint64_t elapsed_us) {
  const auto elapsed = static_cast<double>(std::max<std::uint64_t>(elapsed_us, 1));
  return static_cast<double>(count) * kMicrosecondsPerSecond / elapsed;
}

double moved(double average, double measured) { return average + (measured - average) * kNewShare; }

}  // namespace

FetchCost::FetchCost(SpeedGuesses guesses, std::size_t nodes_max)
    : guesses_(guesses), nodes_max_(nodes_max) {
  assert(guesses.bytes_per_s > 0 && guesses.prefill_tokens_per_s > 0);
}

// Beyond nodes_max a node keeps the guess.
void FetchCost::fetched(const NodeBoot& from, std::size_t bytes, std::uint64_t elapsed_us) {
  if (bytes == 0) return;
  const double measured = per_second(bytes, elapsed_us);
  const auto known = bytes_per_s_.find(from);
  if (known != bytes_per_s_.end()) {
    known->second = moved(known->second, measured);
  } else if (bytes_per_s_.size() < nodes_max_) {
    bytes_per_s_.emplace(from, measured);
  }
}

void FetchCost::prefilled(std::size_t tokens, std::uint64_t elapsed_us) {
  if (tokens == 0) return;
  const double measured = per_second(tokens, elapsed_us);
  tokens_per_s_ = tokens_per_s_ ? moved(*tokens_per_s_, measured) : measured;
}

void FetchCost::forget(const NodeBoot& node) { bytes_per_s_.erase(node); }

double FetchCost::fetch_s(const NodeBoot& from, std::size_t bytes) const {
  const auto known = bytes_per_s_.find(from);
  const double speed = known == bytes_per_s_.end() ? guesses_.bytes_per_s : known->second;
  return guesses_.fetch_latency_s + static_cast<double>(bytes) / speed;
}

double FetchCost::compute_s(std::size_t tokens) const {
  return static_cast<double>(tokens) / tokens_per_s_.value_or(guesses_.prefill_tokens_per_s);
}

}  // namespace pecia::actors
