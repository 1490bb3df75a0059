#include "apps/pecia/output.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "kernels/text/unicode.hpp"

namespace pecia::apps {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

Status Output::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      lost_reader_ = errno == EPIPE;
      return fail(ErrorKind::retry, "standard output: cannot write: {}", std::strerror(errno));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status Output::write_json(const nlohmann::ordered_json& object) {
  return write(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
               "\n");
}

bool Output::is_terminal() const { return ::isatty(descriptor_) == 1; }

void write_stderr(std::string_view text) {
  const Status written = Output(STDERR_FILENO).write(text);
  static_cast<void>(written);  // there is nobody left to tell
}

void tell(std::string_view line) { write_stderr(fmt::format("pecia: {}\n", line)); }

void add_json_flag(CLI::App& parser, bool& json) {
  parser.add_flag("--json", json, "print one JSON object on stdout and nothing else");
}

namespace {

// C0, DEL and C1 (U+0080 to U+009F): a terminal may obey them.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (first == 0xC2) return static_cast<unsigned char>(character[1]) < 0xA0;
  return first < 0x20 || first == 0x7F;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  const bool cut = text.size() > bytes_max;
  std::size_t end = cut ? bytes_max : text.size();
  while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string line;
  for (std::size_t at = 0; at < end;) {
    const kernels::Utf8Run run = kernels::utf8_run(text.substr(0, end), at);
    const std::string_view character = text.substr(at, run.whole() ? run.length : 1);
    if (run.whole() && !is_control(character)) {
      line += character;
    } else {
      for (const char c : character) {
        line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    }
    at += character.size();
  }
  return cut ? line + "..." : line;
}

}  // namespace pecia::apps
