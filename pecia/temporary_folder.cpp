#include "pecia/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace pecia {

using namespace kernels;

std::string temporary_place() {
  const char* place = std::getenv("TMPDIR");
  return place != nullptr && *place != '\0' ? place : "/tmp";
}

Expected<std::string> make_temporary_folder(std::string_view name) {
  std::string path = fmt::format("{}/{}-XXXXXX", temporary_place(), name);
  if (::mkdtemp(path.data()) != nullptr) return path;
  return fail(ErrorKind::elsewhere, "{}: cannot make a folder: {}; set TMPDIR to another place",
              path, std::strerror(errno));
}

}  // namespace pecia
