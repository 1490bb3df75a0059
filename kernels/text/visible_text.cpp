#include "kernels/text/visible_text.hpp"

#include <cstddef>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {

std::string_view visible_text(std::string_view generated) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  generated.remove_suffix(unfinished_utf8(generated));
  const std::size_t begin = generated.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return generated.substr(0, 0);
  return generated.substr(begin, generated.find_last_not_of(kWhiteSpace) + 1 - begin);
}

}  // namespace pecia::kernels
