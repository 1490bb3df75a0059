#include "kernels/base/utf8.hpp"

#include <cstdint>

namespace pecia::kernels {
namespace {

struct Lead {
  std::size_t length;
  std::uint8_t second_min, second_max;  // later bytes are always 80..BF
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

Utf8Run utf8_run(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0) return {};
  std::size_t bytes = 1;
  for (; bytes < lead.length && at + bytes < text.size(); ++bytes) {
    const std::uint8_t low = bytes == 1 ? lead.second_min : 0x80;
    const std::uint8_t high = bytes == 1 ? lead.second_max : 0xBF;
    if (byte(bytes) < low || byte(bytes) > high) break;
  }
  return {bytes, lead.length};
}

std::size_t first_broken_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Run run = utf8_run(text, at);
    if (!run.whole()) return at;
    at += run.length;
  }
  return text.npos;
}

}  // namespace pecia::kernels
