#pragma once
// A whole regular file as read-only memory, paged in by the kernel as it is touched.
// Thread rule: immutable; one owner.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

class MappedFile {
 public:
  static Expected<MappedFile> open(const std::string& path);

  MappedFile() = default;  // no bytes
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept
      : bytes_(std::exchange(other.bytes_, {})), file_(std::exchange(other.file_, -1)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(file_, other.file_);
    return *this;
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  // Copies `part` of this map to `out` without touching the map: for bytes that are read once,
  // where page faults would cost more than the copy. False where it is no part of it, or reading
  // failed.
  bool read(std::span<const std::byte> part, std::byte* out) const;
  // The pages that lie wholly inside `part` need not stay resident; a later touch reads them again.
  // Parts outside this map are ignored.
  void drop_pages(std::span<const std::byte> part) const;

 private:
  MappedFile(std::span<std::byte> bytes, int file) : bytes_(bytes), file_(file) {}
  // Where `part` begins in the file; nullopt where it is no part of it.
  std::optional<std::size_t> offset_of(std::span<const std::byte> part) const;

  std::span<std::byte> bytes_;
  int file_ = -1;  // open as long as the map
};

}  // namespace pecia::kernels
