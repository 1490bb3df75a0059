#pragma once
// The fused multiply-adds this machine can do, measured: the denominator of training's speed.

#include "kernels/cpu/isa.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::apps {

// GFLOP/s of all threads together, a tenth of a second's work; 0 where unknown (portable code).
double fma_peak_gflop_s(kernels::ThreadPool& pool, kernels::Isa isa);

}  // namespace pecia::apps
