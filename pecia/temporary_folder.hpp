#pragma once
// A new folder in $TMPDIR, or /tmp, for its owner alone; whoever makes it removes it.

#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"

namespace pecia {

std::string temporary_place();  // $TMPDIR, or /tmp

// PLACE/NAME-ABCDEF, its last six characters drawn by the system. Kind elsewhere, and what would
// help, where it cannot be made.
kernels::Expected<std::string> make_temporary_folder(std::string_view name);

}  // namespace pecia
