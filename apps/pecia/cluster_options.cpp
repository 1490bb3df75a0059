#include "apps/pecia/cluster_options.hpp"

#include <filesystem>
#include <system_error>

#include "apps/pecia/config_options.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/output.hpp"
#include "runtime/config/toml_file.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

// Absolute: where relative paths of the file begin.
std::string folder_of(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? std::string(".") : whole.parent_path().string();
}

}  // namespace

Error tell_mistakes(const std::vector<std::string>& mistakes) {
  for (std::size_t i = 0; i + 1 < mistakes.size(); ++i) tell(printable(mistakes[i]));
  return fail(ErrorKind::refuse, "{}", mistakes.back());
}

Expected<runtime::ClusterFile> open_cluster(const std::string& path) {
  std::string text;
  const Status read = read_pieces(path, [&](std::string_view piece) -> Status {
    text += piece;
    if (text.size() <= runtime::kConfigBytesMax) return {};
    return fail(ErrorKind::refuse, "{}: too long; a config has at most {} bytes", path,
                runtime::kConfigBytesMax);
  });
  if (!read) return read.error();
  std::vector<std::string> mistakes;
  auto file =
      runtime::read_cluster({text, path, folder_of(path), process_environment(), {}}, mistakes);
  if (!file) return tell_mistakes(mistakes);
  return std::move(*file);
}

}  // namespace pecia::apps
