#pragma once
// Text from outside: a flag's value, a file, or standard input. Bounded, any bytes.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;

// Hands a file of any size to `take`, piece after piece; "-" is standard input. Ends with the first
// error of reading or of `take`.
kernels::Status read_pieces(const std::string& path,
                            const std::function<kernels::Status(std::string_view)>& take);

// The whole of a file, "-" being standard input.
kernels::Expected<std::string> read_text(const std::string& path);

// -p/--prompt and -f/--file.
struct PromptOptions {
  std::optional<std::string> prompt;
  std::optional<std::string> file;
};
void add_prompt_flags(CLI::App& parser, PromptOptions& options, const std::string& help);

// The text of whichever flag is given; refused where none is. The newline that an editor put at the
// end of a file is not part of it (as in llama.cpp).
kernels::Expected<std::string> read_prompt(const PromptOptions& options);

}  // namespace pecia::apps
