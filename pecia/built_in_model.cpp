#include "pecia/built_in_model.hpp"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>

namespace pecia {

namespace {

namespace fs = std::filesystem;

// The library that holds this code, by its real path; empty where that is the program itself. Of a
// program the loader knows no path but what it was called, which may be the name of anything.
fs::path library_of_this_code() {
  Dl_info found = {};
  void* map = nullptr;
  const auto* here = reinterpret_cast<const void*>(&built_in_model);
  if (::dladdr1(here, &found, &map, RTLD_DL_LINKMAP) == 0) return {};
  const char* name = static_cast<const link_map*>(map)->l_name;
  std::error_code failed;
  return *name == '\0' ? fs::path() : fs::canonical(name, failed);
}

}  // namespace

std::string built_in_model() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const fs::path library = library_of_this_code();
  const fs::path data = library.empty() ? program.parent_path() / PECIA_DATA_FROM_PROGRAM
                                        : library.parent_path() / PECIA_DATA_FROM_LIBRARY;
  const fs::path model = (data / "pecia-chronicle.gguf").lexically_normal();
  return fs::is_regular_file(model, failed) ? model.string() : std::string();
}

}  // namespace pecia
