#include "runtime/journal/reserve_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace pecia::runtime {

namespace {

constexpr mode_t kOwnerOnly = 0600;

}  // namespace

void ReserveFile::hold() {
  if (held_ == bytes_) return;
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return;
  if (::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes_)) == 0) {
    held_ = bytes_;
  } else if (::ftruncate(descriptor, static_cast<off_t>(held_)) != 0) {
    ::unlink(path_.c_str());  // what it got in part would take room from the journal
    held_ = 0;
  }
  ::close(descriptor);
}

bool ReserveFile::release() {
  if (held_ == 0) return false;
  held_ -= std::min(held_, kReserveStepBytes);
  return ::truncate(path_.c_str(), static_cast<off_t>(held_)) == 0;
}

}  // namespace pecia::runtime
