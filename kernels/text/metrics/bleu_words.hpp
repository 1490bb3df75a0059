#pragma once
// The words of a segment as sacreBLEU's tokenizers cut them. Pure functions; time linear in the
// text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pecia::kernels {

enum class BleuTokenizer : std::uint8_t {
  none,           // between white space
  mteval_13a,     // NIST mteval-v13a: ASCII marks apart, but . and , inside numbers
  international,  // NIST mteval-v14 --international-tokenization: by Unicode categories
  character,
};

std::string_view name_of(BleuTokenizer tokenizer);  // as signatures write it: "13a"

std::vector<std::string> bleu_words(std::string_view segment, BleuTokenizer tokenizer,
                                    bool lowercase);

}  // namespace pecia::kernels
