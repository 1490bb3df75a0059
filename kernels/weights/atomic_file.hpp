#pragma once
// A file that appears complete or not at all: written beside its target, synced, then renamed over
// it. Until commit() the old file stays as it is; without commit() nothing of the new one remains.
// A target that exists and is no regular file (a device, a pipe) cannot be replaced by a rename:
// it is written directly. One that nobody may write is not replaced.
// Thread rule: one thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

class AtomicFile {
 public:
  static Expected<AtomicFile> create(const std::string& path);
  ~AtomicFile();  // removes what was not committed
  AtomicFile(AtomicFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  AtomicFile& operator=(AtomicFile&&) = delete;

  // Errors are kind retry where room or quota ran out, so that the caller may try again later.
  Status write(std::span<const std::byte> bytes);
  Status write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
  // Makes the file durable under its name. Nothing may be written afterwards.
  Status commit();

 private:
  AtomicFile(std::string path, std::string temporary, int descriptor)
      : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}
  Error cannot(const char* what) const;
  Status sync_folder() const;

  std::string path_;
  std::string temporary_;  // empty where the target is written directly, or the rename is done
  int descriptor_;
};

}  // namespace pecia::kernels
