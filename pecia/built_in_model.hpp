#pragma once
// The model that comes with the program and the library.

#include <string>

namespace pecia {

// Where it lies, seen from the file that this code is in, the running program or the library in it:
// in the data folder that belongs to it, in a build tree as in an installation. Empty where there
// is none.
std::string built_in_model();

}  // namespace pecia
