#pragma once
// All chance of a simulated world: a pure function of its seed.

#include <cstdint>

#include "kernels/base/philox.hpp"

namespace pecia::world {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t bits() { return kernels::philox64(seed_, drawn_++, 0x776f726c64); }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }     // REQUIRES n > 0
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {  // both included
    return low + below(high - low + 1);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool percent(std::uint64_t p) { return below(100) < p; }
  bool per_mille(std::uint64_t p) { return below(1'000) < p; }

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

}  // namespace pecia::world
