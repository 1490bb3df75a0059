#pragma once
// Have these bytes, or compute them: bytes over measured bandwidth against tokens over measured
// prefill speed. A wrong answer costs time and nothing else, since both ways give the same bytes.
//
// Speeds are exponential moving averages, each measurement taking a quarter, so that four or five
// of them forget what was before. Thread rule: one caller at a time.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "runtime/wire/names.hpp"

namespace pecia::actors {

using runtime::NodeBoot;

// What is assumed until something is measured: a network of 1 Gbit/s, and a prefill that most
// machines reach with a small model. Low guesses of a link would never be corrected, for it would
// not be tried.
struct SpeedGuesses {
  double bytes_per_s = 125e6;
  double prefill_tokens_per_s = 500;
  double fetch_latency_s = 0.002;  // of asking and of the first byte; not measured
};

class FetchCost {
 public:
  FetchCost(SpeedGuesses guesses, std::size_t nodes_max);

  // A measurement of 0 us counts as 1 us.
  void fetched(const NodeBoot& from, std::size_t bytes, std::uint64_t elapsed_us);
  void prefilled(std::size_t tokens, std::uint64_t elapsed_us);
  void forget(const NodeBoot& node);  // it went down

  double fetch_s(const NodeBoot& from, std::size_t bytes) const;
  double compute_s(std::size_t tokens) const;

  std::size_t nodes() const { return bytes_per_s_.size(); }  // never above nodes_max

 private:
  SpeedGuesses guesses_;
  std::size_t nodes_max_;
  std::map<NodeBoot, double> bytes_per_s_;  // measured ones
  std::optional<double> tokens_per_s_;      // none: not yet measured
};

}  // namespace pecia::actors
