#pragma once
// A whole regular file as read-only memory, paged in by the kernel as it is touched.
// Thread rule: immutable; one owner.

#include <cstddef>
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
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  // The pages that lie wholly inside `part` need not stay resident; a later touch reads them again.
  // Parts outside this map are ignored.
  void drop_pages(std::span<const std::byte> part) const;

 private:
  explicit MappedFile(std::span<std::byte> bytes) : bytes_(bytes) {}
  std::span<std::byte> bytes_;
};

}  // namespace pecia::kernels
