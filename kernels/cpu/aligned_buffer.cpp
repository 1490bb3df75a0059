#include "kernels/cpu/aligned_buffer.hpp"

#include <sys/mman.h>

#include <new>

namespace pecia::kernels {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void AlignedBuffer::reserve(std::size_t bytes) {
  if (bytes <= bytes_) return;
  release();
  const bool large = bytes >= kHugePage;
  const std::size_t rounded = round_up(bytes, large ? kHugePage : kPage);
  void* memory = mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (large) madvise(memory, rounded, MADV_HUGEPAGE);  // a hint: failing costs speed only
  data_ = static_cast<std::byte*>(memory);
  bytes_ = rounded;
}

void AlignedBuffer::release() {
  if (data_ != nullptr) munmap(data_, bytes_);
  data_ = nullptr;
  bytes_ = 0;
}

}  // namespace pecia::kernels
