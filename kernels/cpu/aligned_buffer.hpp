#pragma once
// Memory aligned for whole cache lines; large buffers ask for huge pages.

#include <cstddef>
#include <utility>

namespace pecia::kernels {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes) { reserve(bytes); }
  ~AlignedBuffer() { release(); }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  // At least `bytes` bytes; growing discards the contents. Fresh memory is zero. Throws bad_alloc.
  void reserve(std::size_t bytes);
  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void release();

  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace pecia::kernels
