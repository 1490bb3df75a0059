#include "apps/pecia/job_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace pecia::apps {

using namespace kernels;

namespace {

Expected<std::string> make_temporary() {
  const char* place = std::getenv("TMPDIR");
  std::string path = (place != nullptr && *place != '\0') ? place : "/tmp";
  path += "/pecia-job-XXXXXX";
  if (::mkdtemp(path.data()) != nullptr) return path;
  return fail(ErrorKind::refuse,
              "{}: cannot make a folder for the job: {}; set TMPDIR, or give --job-dir", path,
              std::strerror(errno));
}

}  // namespace

Expected<JobFolder> JobFolder::open(const std::string& path) {
  if (path.empty()) {
    auto made = make_temporary();
    if (!made) return made.error();
    return JobFolder(std::move(*made), true);
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path, error)) {
    return fail(ErrorKind::refuse, "--job-dir {}: cannot make this folder: {}", path,
                error ? error.message() : "there is something else of that name");
  }
  return JobFolder(path, false);
}

JobFolder::JobFolder(JobFolder&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

JobFolder::~JobFolder() {
  std::error_code ignored;  // whoever cleans temporary folders will find it
  if (temporary_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace pecia::apps
