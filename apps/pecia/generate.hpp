#pragma once
// Drives an engine until it is idle and keeps the times that a speed report needs.

#include <functional>

#include "apps/pecia/interrupt.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/engine/engine.hpp"
#include "pecia/course.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

// Steps with prompt rows count as reading, all others as writing.
struct StepTimes {
  double reading_s = 0, writing_s = 0;
  std::uint64_t prompt_rows = 0;
  std::uint64_t written_tokens = 0;  // by steps without prompt rows
  std::uint64_t writing_steps = 0;   // each of which reads all weights once
};

// Takes what a step gave; an Error ends the loop.
using StepHandler = std::function<kernels::Status(const kernels::StepResult& result)>;

// Stops early where `stop` says so, by default at Ctrl-C. A sequence that fails is an Error, since
// no command can do without one; the handler sees it first and may tell it better.
kernels::Expected<Course> run_engine(const Session& session, kernels::Engine& engine,
                                     const StepHandler& handle, StepTimes& times,
                                     const std::function<bool()>& stop = interrupted);

// Why a sequence failed, told with the file whose weights were at work: what is refused while
// computing (kind refuse, such as logits that are not finite) can only come from them. `what` names
// the part of the job, e.g. "window 3", where it is not the whole.
kernels::Error failure_of(const Session& session, const kernels::Error& error,
                          std::string_view what = {});

}  // namespace pecia::apps
