#pragma once
// The sampling of a spec as the engine's, and back. Thread rule: pure functions.

#include "kernels/engine/sampler.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia::actors {

kernels::SamplingParams sampling_params(const runtime::JobSampling& sampling);
runtime::JobSampling job_sampling(const kernels::SamplingParams& params);

}  // namespace pecia::actors
