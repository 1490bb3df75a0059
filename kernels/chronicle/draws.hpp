#pragma once
// Chance as a pure function: the n-th draw of a stream is philox64(key, stream, n).
// Thread rule: one object per thread.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/base/philox.hpp"

namespace pecia::kernels {

class Draws {
 public:
  Draws(std::uint64_t key, std::uint64_t stream) : key_(key), stream_(stream) {}

  std::uint64_t next() { return philox64(key_, stream_, count_++); }

  // Uniform in [0, count). REQUIRES count > 0.
  std::size_t below(std::size_t count) {
    assert(count > 0);
    return static_cast<std::size_t>(unit_double(next()) * static_cast<double>(count));
  }

  template <class Range>
  const auto& pick(const Range& range) {
    return range[below(range.size())];
  }

  template <class Range>
  void shuffle(Range& range) {
    for (std::size_t i = range.size(); i > 1; --i) std::swap(range[i - 1], range[below(i)]);
  }

 private:
  std::uint64_t key_, stream_, count_ = 0;
};

}  // namespace pecia::kernels
