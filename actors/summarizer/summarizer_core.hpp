#pragma once
// The summarizer: what has been written so far, in the text's own sentences. Thread rule: pure.

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::actors {

// At most `tokens_max` tokens of `text` (kernels/text/extractive_summary.hpp), without white space
// at its ends. Of a text above kSlicedTextBytesMax only the end is read, which is where a rolling
// text has what is new.
kernels::Expected<std::string> summarize(std::string_view text, std::size_t tokens_max,
                                         const kernels::Tokenizer& tokenizer);

}  // namespace pecia::actors
