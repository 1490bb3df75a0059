#include "kernels/weights/quoted.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace pecia::kernels {

std::string quoted(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  std::string line;
  for (const char c : text.substr(0, kBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      line += c;
    } else {
      line += fmt::format("\\x{:02x}", byte);
    }
  }
  return text.size() > kBytesMax ? line + "..." : line;
}

}  // namespace pecia::kernels
