#pragma once
// Whether a job can be asked for at all, before anybody opens a model for it.
// Thread rule: pure function.

#include "kernels/base/expected.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia {

// Refuses an outline that cannot be read, and what is beyond the limits of a job.
kernels::Status check_spec(const runtime::JobSpec& spec);

}  // namespace pecia
