#include "apps/pecia/built_in_model.hpp"

#include <filesystem>

namespace pecia::apps {

std::string built_in_model() {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const fs::path model =
      (program.parent_path() / PECIA_DATA_FROM_PROGRAM / "pecia-chronicle.gguf").lexically_normal();
  return fs::is_regular_file(model, failed) ? model.string() : std::string();
}

}  // namespace pecia::apps
