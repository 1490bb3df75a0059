#pragma once
// Foreign bytes in messages. Pure.

#include <string>
#include <string_view>

namespace pecia::kernels {

// One line: anything but printable ASCII as \xNN, cut when long.
std::string quoted(std::string_view text);
// Without these std::quoted, which argument-dependent look-up finds too, would be the better match.
inline std::string quoted(const std::string& text) { return quoted(std::string_view(text)); }
inline std::string quoted(std::string& text) { return quoted(std::string_view(text)); }

}  // namespace pecia::kernels
