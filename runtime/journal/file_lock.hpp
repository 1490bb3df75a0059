#pragma once
// A file that one open holder at a time has locked, in this process or another; the kernel unlocks
// it when the holder dies. Names the holder's pid inside, for people only. The file stays behind:
// removing it would let a third process lock a new one beside a second that waits on the old.
// Thread rule: one thread.

#include <string>
#include <utility>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

class FileLock {
 public:
  // Kind elsewhere, naming the holder where it is known, if `path` is locked; never waits.
  // `what` is what the lock stands for, as the message shall call it.
  static kernels::Expected<FileLock> take(const std::string& path, const std::string& what);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace pecia::runtime
