#pragma once
// How the 8-bit tiles make sure that small arrays of accumulators become registers.

#define PECIA_UNROLL _Pragma("GCC unroll 16")
#define PECIA_INLINE [[gnu::always_inline]] static inline
