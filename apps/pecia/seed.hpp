#pragma once
// The program's one door to chance: a seed, drawn only when the user asks for "random".

#include <cstdint>
#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

// "17" or "random". A drawn seed is told on stderr, so that the run can be repeated.
kernels::Expected<std::uint64_t> resolve_seed(const std::string& text);

}  // namespace pecia::apps
