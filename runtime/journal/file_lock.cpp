#include "runtime/journal/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr mode_t kOwnerOnly = 0600;

// " by process 123", or nothing where the file does not say.
std::string holder_in(int descriptor) {
  std::array<char, 16> text{};
  const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
  std::string pid;
  for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? "" : " by process " + pid;
}

}  // namespace

Expected<FileLock> FileLock::take(const std::string& path, const std::string& what) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (lock.descriptor_ < 0) {
    return fail(ErrorKind::refuse, "{}: cannot open the lock: {}", path, std::strerror(errno));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return fail(ErrorKind::refuse, "{}: cannot lock: {}", path, std::strerror(errno));
    }
    return fail(ErrorKind::elsewhere, "{}: already open{}; end that one first", what,
                holder_in(lock.descriptor_));
  }
  // Always as long, so that a longer one before it leaves no digits. On a full disk the pid is
  // missing, and the lock as good.
  const std::string pid = fmt::format("{:<10}\n", ::getpid());
  [[maybe_unused]] const ssize_t count = ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0);
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pecia::runtime
