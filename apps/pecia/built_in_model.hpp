#pragma once
// The model that comes with the program.

#include <string>

namespace pecia::apps {

// Where it lies, seen from the running program: in the data folder that belongs to its own, in a
// build tree as in an installation. Empty where there is none.
std::string built_in_model();

}  // namespace pecia::apps
