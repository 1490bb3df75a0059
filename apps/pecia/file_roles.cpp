#include "apps/pecia/file_roles.hpp"

#include <filesystem>

#include "apps/pecia/output.hpp"

namespace pecia::apps {

using namespace kernels;
namespace fs = std::filesystem;

namespace {

bool is_file(const std::string& path) { return !path.empty() && path != "-"; }

bool same_file(const std::string& one, const std::string& other) {
  if (!is_file(one) || !is_file(other)) return false;
  std::error_code unknown;
  if (fs::exists(one, unknown) && !fs::is_regular_file(one, unknown)) return false;
  if (fs::equivalent(one, other, unknown)) return true;
  // What does not exist yet is compared by name.
  return fs::weakly_canonical(fs::absolute(one), unknown) ==
         fs::weakly_canonical(fs::absolute(other), unknown);
}

Error clash(const FileRole& output, const FileRole& other) {
  return fail(ErrorKind::refuse, "{} {}: is {} as well and would be overwritten; choose another",
              output.flag, printable(output.path), other.flag);
}

}  // namespace

Status check_file_roles(const std::vector<FileRole>& inputs, const std::vector<FileRole>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (const FileRole& input : inputs) {
      if (same_file(outputs[i].path, input.path)) return clash(outputs[i], input);
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (same_file(outputs[i].path, outputs[k].path)) return clash(outputs[i], outputs[k]);
    }
  }
  return {};
}

}  // namespace pecia::apps
