#include "kernels/weights/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pecia::kernels {
namespace {

constexpr mode_t kNewFileMode = 0666;  // less the umask
constexpr int kTemporaryNamesMax = 1'000;

ErrorKind kind_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorKind::retry;
    default:
      return ErrorKind::refuse;
  }
}

Error cannot_write(const std::string& path, const char* what) {
  return fail(kind_of(errno), "{}: cannot {}: {}", path, what, std::strerror(errno));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A rename would replace a symbolic link instead of the file it names.
std::string without_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

// Creates a new file beside `target`; a number in the name keeps writers out of each other's way.
int create_beside(const std::string& target, std::string& temporary) {
  for (int number = 0; number < kTemporaryNamesMax; ++number) {
    temporary = fmt::format("{}.{}-{}.partial", target, ::getpid(), number);
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

}  // namespace

Expected<AtomicFile> AtomicFile::create(const std::string& path) {
  const std::string target = without_links(path);
  struct stat status {};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    const int descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return cannot_write(path, "write");
    return AtomicFile(target, "", descriptor);
  }
  // A rename asks the folder's rights only, and root has every right.
  if (exists && (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0) {
    return fail(ErrorKind::refuse, "{}: is read-only and stays; choose another name", path);
  }
  std::string temporary;
  const int descriptor = create_beside(target, temporary);
  if (descriptor < 0) return cannot_write(path, "create a file beside it");
  AtomicFile file(target, temporary, descriptor);
  if (exists && ::fchmod(descriptor, status.st_mode & 07777) != 0) {
    return cannot_write(path, "keep its access rights");
  }
  return file;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Error AtomicFile::cannot(const char* what) const { return cannot_write(path_, what); }

Status AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status AtomicFile::commit() {
  if (!temporary_.empty() && ::fsync(descriptor_) != 0) return cannot("sync");
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0 && errno != EINTR) return cannot("close");
  if (temporary_.empty()) return {};
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return cannot("rename the new file to it");
  temporary_.clear();
  return sync_folder();
}

// The name itself is durable only once its folder is.
Status AtomicFile::sync_folder() const {
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return {};  // a folder that may be written but not read: nothing more to do
  const bool synced = ::fsync(folder) == 0 || errno == EINVAL;  // EINVAL: not on this file system
  const int error = errno;
  ::close(folder);
  if (synced) return {};
  return fail(kind_of(error), "{}: written, but not yet durable: cannot sync its folder: {}", path_,
              std::strerror(error));
}

}  // namespace pecia::kernels
