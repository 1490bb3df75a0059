#pragma once
// The contract of arithmetic needs round-to-nearest and denormals. A host program or a library
// linked with -ffast-math may have changed that for this thread: a guard restores it for a scope.

#if defined(__SSE2__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace pecia::kernels {

#if defined(__SSE2__)
inline constexpr unsigned kFloatStatusFlags = 0x3F;    // sticky exception bits
inline constexpr unsigned kDefaultFloatMode = 0x1F80;  // all masked, RNE, no FTZ, no DAZ

inline bool is_default_float_mode() {
  return (_mm_getcsr() & ~kFloatStatusFlags) == kDefaultFloatMode;
}
#else
inline bool is_default_float_mode() { return std::fegetround() == FE_TONEAREST; }
#endif

class FloatModeGuard {
 public:
  FloatModeGuard(const FloatModeGuard&) = delete;
  FloatModeGuard& operator=(const FloatModeGuard&) = delete;

#if defined(__SSE2__)
  FloatModeGuard() : saved_(_mm_getcsr()), spoiled_(!is_default_float_mode()) {
    if (spoiled_) _mm_setcsr(kDefaultFloatMode);
  }
  ~FloatModeGuard() {
    if (spoiled_) _mm_setcsr(saved_);
  }

 private:
  unsigned saved_;
  bool spoiled_;
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
