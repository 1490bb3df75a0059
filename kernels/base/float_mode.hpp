#pragma once
// The contract of arithmetic needs round-to-nearest and denormals. A host program or a library
// linked with -ffast-math may have changed that for this thread: a guard restores it for a scope.

#if defined(__SSE2__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace pecia::kernels {

class FloatModeGuard {
 public:
  FloatModeGuard(const FloatModeGuard&) = delete;
  FloatModeGuard& operator=(const FloatModeGuard&) = delete;

#if defined(__SSE2__)
  FloatModeGuard() : saved_(_mm_getcsr()) {
    if ((saved_ & ~kStatusFlags) != kDefaultMode) _mm_setcsr(kDefaultMode);
  }
  ~FloatModeGuard() {
    if ((saved_ & ~kStatusFlags) != kDefaultMode) _mm_setcsr(saved_);
  }

 private:
  static constexpr unsigned kStatusFlags = 0x3F;    // sticky exception bits
  static constexpr unsigned kDefaultMode = 0x1F80;  // all masked, RNE, no FTZ, no DAZ
  unsigned saved_;
#else
  FloatModeGuard() {
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatModeGuard() { std::fesetenv(&saved_); }

 private:
  std::fenv_t saved_;
#endif
};

}  // namespace pecia::kernels
