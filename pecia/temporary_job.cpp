#include "pecia/temporary_job.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "actors/clock_and_chance.hpp"
#include "pecia/temporary_folder.hpp"
#include "runtime/journal/file_lock.hpp"

namespace pecia {

using namespace kernels;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "pecia-job";  // of a temporary one, with a dash and six characters
constexpr std::size_t kDrawnBytes = 6;

constexpr std::uint64_t kStaleS = 24 * 3'600;  // since something was made or removed in it
constexpr int kSweptMax = 64;                  // folders, at one start
constexpr int kLookedAtMax = 65'536;           // entries of the place they lie in

bool is_stale(const fs::path& path) {
  const std::string name = path.filename();
  if (!name.starts_with(std::string(kName) + "-")) return false;
  if (name.size() != std::string_view(kName).size() + 1 + kDrawnBytes) return false;
  struct stat folder {};
  return ::lstat(path.c_str(), &folder) == 0 && S_ISDIR(folder.st_mode) &&
         folder.st_uid == ::geteuid() && ::access((path / kJobMark).c_str(), F_OK) == 0 &&
         actors::unix_ms() / 1'000 > static_cast<std::uint64_t>(folder.st_mtime) + kStaleS;
}

// What a kill has left; one that is in use is locked.
bool sweep(const fs::path& path) {
  const auto lock = runtime::FileLock::take(path / "journal.sqlite.lock", path);
  if (!lock) return false;
  for (const char* name : kJobFiles) ::unlink((path / name).c_str());
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

Expected<std::string> make_temporary_job() {
  sweep_stale_folders();
  auto path = make_temporary_folder(kName);
  // Without its mark only a later sweep would pass it by.
  if (path) std::ofstream(*path + "/" + kJobMark).flush();
  return path;
}

}  // namespace pecia
