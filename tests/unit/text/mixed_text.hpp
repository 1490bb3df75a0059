#pragma once
// Text as people paste it, all of it at once: English, Chinese, code, emoji, other scripts, runs of
// spaces, and bytes that are no UTF-8. A pure function of its size.

#include <string>
#include <string_view>

#include "kernels/base/philox.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::kernels::test {

inline void add_word(std::string& text, std::uint64_t draw) {
  for (std::uint64_t rest = draw % 50'000 + 1; rest > 0; rest /= 64) {
    text += "bdfgklmnprstvwzh"[rest % 16];
    text += "aeio"[rest / 16 % 4];
  }
}

inline void add_part(std::string& text, std::uint64_t draw) {
  constexpr std::string_view kCode[] = {"if (x[i] != 0x1F) {\n    return a->b;\n}\n",
                                        "for (int i = 0; i < n; ++i)\t// 3,141.59\n",
                                        "#include <vector>\r\n", "def f(self, *args):\n        "};
  switch (draw % 16) {
    case 0:
      return text.append(kCode[(draw >> 8) % std::size(kCode)]), void();
    case 1:
      return text += utf8(0x1F300 + static_cast<char32_t>((draw >> 8) % 0x2FF)), void();
    case 2:
      return text += static_cast<char>(draw >> 8), void();  // often no UTF-8
    case 3:
      return text += utf8(0x400 + static_cast<char32_t>((draw >> 8) % 0x300)), void();
    case 4:
      return text.append(1 + (draw >> 8) % 12, ' '), void();
    case 5:
      return text += ".\n\n", void();
    case 6:
      return text += "'s " + std::to_string((draw >> 8) % 100'000), void();
    case 7:
    case 8:
      for (std::uint64_t i = 0; i < 6; ++i)
        text += utf8(0x4E00 + static_cast<char32_t>((draw >> (8 + 4 * i)) % 3'000));
      return text += "\u3002", void();
    default:
      text += ' ';
      return add_word(text, draw >> 8);
  }
}

inline std::string mixed_text(std::size_t bytes) {
  std::string text;
  for (std::uint64_t i = 0; text.size() < bytes; ++i) add_part(text, philox64(77, i, 0));
  text.resize(bytes);
  return text;
}

}  // namespace pecia::kernels::test
