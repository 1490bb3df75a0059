#pragma once
// What a seed decides of one event: of its kind, and by its number among them. Pure.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/base/philox.hpp"

namespace pecia::apps {

// `Draw`: an enum, one value for each thing that is drawn of an event.
template <class Draw>
class Lots {
 public:
  template <class Kind>
  Lots(std::uint64_t seed, Kind kind, std::uint64_t number)
      : seed_(seed), position_(static_cast<std::uint64_t>(kind) * kKindPositions + number) {}

  // In [0, 1).
  double share(Draw draw) const {
    return kernels::unit_double(
        kernels::philox64(seed_, position_, static_cast<std::uint64_t>(draw)));
  }
  double between(Draw draw, double low, double high) const {
    return low + share(draw) * (high - low);
  }
  // As many in each doubling. REQUIRES 0 < low <= high.
  double scaled(Draw draw, double low, double high) const {
    return low * std::pow(high / low, share(draw));
  }
  std::size_t below(Draw draw, std::size_t end) const {
    return std::min(end - 1, static_cast<std::size_t>(share(draw) * static_cast<double>(end)));
  }

 private:
  // Positions of the generator, one range a kind.
  static constexpr std::uint64_t kKindPositions = std::uint64_t{1} << 32;

  std::uint64_t seed_, position_;
};

}  // namespace pecia::apps
