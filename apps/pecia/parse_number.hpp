#pragma once
// A number that is the whole of a text.

#include <charconv>
#include <string_view>

namespace pecia::apps {

// False, `number` undefined, for anything else and for what does not fit.
template <class Number>
[[nodiscard]] bool parse_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc() && stop == end && !text.empty();
}

}  // namespace pecia::apps
