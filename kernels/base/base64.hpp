#pragma once
// Base64 (RFC 4648, section 4) to bytes. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

// nullopt: not whole groups of four of the alphabet, padded at the end alone; or 1 GiB and more.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace pecia::kernels
