#pragma once
// Foreign bytes in messages. Pure.

#include <string>
#include <string_view>

namespace pecia::kernels {

// One line: anything but printable ASCII as \xNN, cut when long.
std::string quoted(std::string_view text);

}  // namespace pecia::kernels
