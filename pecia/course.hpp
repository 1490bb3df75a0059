#pragma once
// How a piece of work ended that was not an error. Thread rule: a value.

namespace pecia {

enum class Course { finished, interrupted };

}  // namespace pecia
