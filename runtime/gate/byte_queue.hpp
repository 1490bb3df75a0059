#pragma once
// Bytes first in, first out, in one run of memory. Thread rule: one thread.

#include <cstddef>
#include <span>
#include <vector>

namespace pecia::runtime {

class ByteQueue {
 public:
  bool empty() const { return first_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - first_; }
  std::span<const std::byte> front() const { return std::span(bytes_).subspan(first_); }

  void push(std::span<const std::byte> more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }
  void pop(std::size_t count) {  // REQUIRES: count <= size()
    first_ += count;
    if (empty()) {
      clear();
    } else if (first_ >= bytes_.size() - first_) {
      // As many are dead as alive: moving costs each byte once at most.
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

 private:
  // One long message must not hold its memory for ever.
  static constexpr std::size_t kKeptBytesMax = 1024 * 1024;

  void clear() {
    first_ = 0;
    bytes_.clear();
    if (bytes_.capacity() > kKeptBytesMax) bytes_.shrink_to_fit();
  }

  std::vector<std::byte> bytes_;
  std::size_t first_ = 0;
};

}  // namespace pecia::runtime
