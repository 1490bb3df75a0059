#include "kernels/text/longest_end.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

#include "kernels/text/visible_text.hpp"

namespace pecia::kernels {

namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Offsets, ascending, where an end may begin; the last is the end of the text.
std::vector<std::size_t> starts_of(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; (at = text.find_first_not_of(kWhiteSpace, at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kWhiteSpace, at), text.size());
    starts.push_back(at);
    for (std::size_t i = at + 1; end - at > kWordBytesMax && i < end; ++i) {
      if (begins_character(text[i])) starts.push_back(i);
    }
    at = end;
  }
  starts.push_back(text.size());
  return starts;
}

}  // namespace

std::string_view longest_end(std::string_view text,
                             const std::function<bool(std::string_view)>& fits) {
  if (fits(text)) return text;
  const std::vector<std::size_t> starts = starts_of(text);
  // Wherever the search ends, it has asked about that place.
  const auto start = std::partition_point(starts.begin(), starts.end(),
                                          [&](std::size_t at) { return !fits(text.substr(at)); });
  assert(start != starts.end());
  return text.substr(*start);
}

}  // namespace pecia::kernels
