#include "kernels/text/visible_text.hpp"

#include <algorithm>
#include <cstddef>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {

namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

}  // namespace

std::string_view visible_text(std::string_view generated) {
  generated.remove_suffix(unfinished_utf8(generated));
  return without_leading_space(without_trailing_space(generated));
}

std::string_view without_leading_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
}

std::string_view without_trailing_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

}  // namespace pecia::kernels
