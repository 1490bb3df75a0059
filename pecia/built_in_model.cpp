#include "pecia/built_in_model.hpp"

#include <dlfcn.h>

#include <filesystem>

namespace pecia {

namespace {

namespace fs = std::filesystem;

// The library that holds this code, by its real path; empty where that is the program itself.
fs::path library_of_this_code(const fs::path& program) {
  Dl_info found = {};
  if (::dladdr(reinterpret_cast<const void*>(&built_in_model), &found) == 0) return {};
  if (found.dli_fname == nullptr) return {};
  std::error_code failed;
  const fs::path file = fs::canonical(found.dli_fname, failed);
  return failed || file == program ? fs::path() : file;
}

}  // namespace

std::string built_in_model() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const fs::path library = library_of_this_code(program);
  const fs::path data = library.empty() ? program.parent_path() / PECIA_DATA_FROM_PROGRAM
                                        : library.parent_path() / PECIA_DATA_FROM_LIBRARY;
  const fs::path model = (data / "pecia-chronicle.gguf").lexically_normal();
  return fs::is_regular_file(model, failed) ? model.string() : std::string();
}

}  // namespace pecia
