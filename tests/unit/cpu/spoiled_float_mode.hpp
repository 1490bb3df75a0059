#pragma once
// A caller whose float mode breaks the contract of arithmetic: denormals flushed, rounding to zero.

#if defined(__SSE2__)
#include <xmmintrin.h>

#include "kernels/base/float_mode.hpp"

namespace pecia::kernels::testing {

class SpoiledFloatMode {
 public:
  SpoiledFloatMode() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | kSpoiled); }
  ~SpoiledFloatMode() { _mm_setcsr(saved_); }
  SpoiledFloatMode(const SpoiledFloatMode&) = delete;
  SpoiledFloatMode& operator=(const SpoiledFloatMode&) = delete;

  // Whoever restores the mode for its own work must give the caller's back.
  bool still_spoiled() const {
    return ((_mm_getcsr() ^ (saved_ | kSpoiled)) & ~kFloatStatusFlags) == 0;
  }

 private:
  static constexpr unsigned kSpoiled = 0xE040;  // FTZ, DAZ, both bits of the rounding mode
  unsigned saved_;
};

}  // namespace pecia::kernels::testing
#endif
