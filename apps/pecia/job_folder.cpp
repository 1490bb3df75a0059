#include "apps/pecia/job_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/temporary_folder.hpp"
#include "runtime/journal/file_lock.hpp"

namespace pecia::apps {

using namespace kernels;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "pecia-job";  // of a temporary one, with a dash and six characters
constexpr std::size_t kDrawnBytes = 6;
// Lies in a temporary one, so that no folder of a person's is taken for one.
constexpr const char* kMark = "temporary";
constexpr const char* kFiles[] = {"journal.sqlite",
                                  "journal.sqlite-journal",
                                  "journal.sqlite-wal",
                                  "journal.sqlite-shm",
                                  "journal.sqlite.reserve",
                                  "journal.sqlite.lock",
                                  kMark};

constexpr std::time_t kStaleS = 24 * 3'600;  // since something was made or removed in it
constexpr int kSweptMax = 64;                // folders, at one start
constexpr int kLookedAtMax = 65'536;         // entries of the place they lie in

bool is_stale(const fs::path& path) {
  const std::string name = path.filename();
  if (!name.starts_with(std::string(kName) + "-")) return false;
  if (name.size() != std::string_view(kName).size() + 1 + kDrawnBytes) return false;
  struct stat folder {};
  return ::lstat(path.c_str(), &folder) == 0 && S_ISDIR(folder.st_mode) &&
         folder.st_uid == ::geteuid() && std::time(nullptr) - folder.st_mtime > kStaleS &&
         ::access((path / kMark).c_str(), F_OK) == 0;
}

// What a kill has left; one that is in use is locked.
bool sweep(const fs::path& path) {
  const auto lock = runtime::FileLock::take(path / "journal.sqlite.lock", path);
  if (!lock) return false;
  for (const char* name : kFiles) ::unlink((path / name).c_str());
  return ::rmdir(path.c_str()) == 0;
}

void sweep_stale_folders() {
  std::error_code error;
  fs::directory_iterator entry(temporary_place(), error);
  int looked_at = 0, swept = 0;
  while (!error && entry != fs::directory_iterator() && looked_at++ < kLookedAtMax) {
    if (is_stale(entry->path()) && sweep(entry->path()) && ++swept == kSweptMax) return;
    entry.increment(error);
  }
}

}  // namespace

Expected<JobFolder> JobFolder::make_temporary() {
  sweep_stale_folders();
  auto path = make_temporary_folder(kName);
  if (!path) return fail(ErrorKind::refuse, "{}, or give --job-dir", path.error().message);
  remove_at_second_interrupt(*path, kFiles);
  std::ofstream(*path + "/" + kMark).flush();  // without it only a later sweep would pass it by
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
