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
using kernels::Status;

namespace {

constexpr const char* kStandardInput = "standard input";

using TakePiece = std::function<Status(std::string_view)>;

Status read_from(int descriptor, const std::string& name, const TakePiece& take) {
  std::string piece(std::size_t{1} << 16, '\0');
  while (true) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorKind::refuse, "{}: cannot read: {}", name, std::strerror(errno));
    }
    const std::string_view read = piece;
    if (Status taken = take(read.substr(0, static_cast<std::size_t>(count))); !taken) return taken;
  }
}

}  // namespace

Status read_pieces(const std::string& path, const TakePiece& take) {
  if (path == "-") return read_from(STDIN_FILENO, kStandardInput, take);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(ErrorKind::refuse, "{}: cannot open: {}", path, std::strerror(errno));
  }
  Status read = read_from(descriptor, path, take);
  ::close(descriptor);
  return read;
}

Expected<std::string> read_text(const std::string& path) {
  std::string text;
  const Status read = read_pieces(path, [&](std::string_view piece) -> Status {
    text += piece;
    if (text.size() <= kTextBytesMax) return {};
    return fail(ErrorKind::refuse, "{}: more than {} bytes of text; give a shorter one",
                path == "-" ? kStandardInput : path, kTextBytesMax);
  });
  if (!read) return read.error();
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
