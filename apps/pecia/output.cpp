#include "apps/pecia/output.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace pecia::apps {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

Status Output::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
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

void add_json_flag(CLI::App& parser, bool& json) {
  parser.add_flag("--json", json, "print one JSON object on stdout and nothing else");
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  const bool cut = text.size() > bytes_max;
  std::size_t end = cut ? bytes_max : text.size();
  while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string line;
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return cut ? line + "..." : line;
}

}  // namespace pecia::apps
