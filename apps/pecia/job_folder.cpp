#include "apps/pecia/job_folder.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "apps/pecia/interrupt.hpp"
#include "pecia/temporary_job.hpp"

namespace pecia::apps {

using namespace kernels;
namespace fs = std::filesystem;

Expected<JobFolder> JobFolder::make_temporary() {
  auto path = make_temporary_job();
  if (!path) return fail(ErrorKind::refuse, "{}, or give --job-dir", path.error().message);
  remove_at_second_interrupt(*path, kJobFiles);
  return JobFolder(*std::move(path), true);
}

Expected<JobFolder> JobFolder::open(const std::string& path) {
  outlive_readers();
  if (path.empty()) return make_temporary();
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error)) {
    return fail(ErrorKind::refuse, "--job-dir {}: cannot make this folder: {}", path,
                error ? error.message() : "there is something else of that name");
  }
  return JobFolder(path, false);
}

JobFolder::JobFolder(JobFolder&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

JobFolder::~JobFolder() {
  if (!temporary_) return;
  std::error_code ignored;  // a later command finds it
  fs::remove_all(path_, ignored);
  forget_folder();
}

}  // namespace pecia::apps
