#include "apps/pecia/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>

namespace pecia::apps {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

Expected<std::string> read_all(int descriptor, const std::string& name) {
  constexpr std::size_t kPieceBytes = std::size_t{1} << 16;
  std::string text;
  while (true) {
    const std::size_t have = text.size();
    if (have > kTextBytesMax) {
      return fail(ErrorKind::refuse, "{}: more than {} bytes of text; give a shorter one", name,
                  kTextBytesMax);
    }
    text.resize(have + kPieceBytes);
    const ssize_t count = ::read(descriptor, text.data() + have, kPieceBytes);
    text.resize(have + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) {
      return fail(ErrorKind::refuse, "{}: cannot read: {}", name, std::strerror(errno));
    }
  }
}

}  // namespace

Expected<std::string> read_text(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(ErrorKind::refuse, "{}: cannot open: {}", path, std::strerror(errno));
  }
  Expected<std::string> text = read_all(descriptor, path);
  ::close(descriptor);
  return text;
}

void add_prompt_flags(CLI::App& parser, PromptOptions& options, const std::string& help) {
  CLI::Option* prompt = parser.add_option("-p,--prompt", options.prompt, help);
  parser
      .add_option("-f,--file", options.file,
                  "the same from a file but its last newline, - for stdin")
      ->type_name("FILE")
      ->excludes(prompt);
}

Expected<std::string> read_prompt(const PromptOptions& options) {
  if (options.prompt) return *options.prompt;
  if (options.file) {
    auto text = read_text(*options.file);
    if (text && text->ends_with('\n')) text->pop_back();
    return text;
  }
  return fail(ErrorKind::refuse, "no text given; use -p TEXT, -f FILE or -f - (standard input)");
}

}  // namespace pecia::apps
