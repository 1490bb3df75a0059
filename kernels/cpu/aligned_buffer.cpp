#include "kernels/cpu/aligned_buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace pecia::kernels {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

std::byte* map(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

// Begins at a huge page, by giving back what was mapped around it.
std::byte* map_at_huge_page(std::size_t bytes) {
  std::byte* const memory = map(bytes + kHugePage);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(memory) % kHugePage;
  if (before > 0) munmap(memory, before);
  munmap(memory + before + bytes, kHugePage - before);
  return memory + before;
}

}  // namespace

void AlignedBuffer::reserve(std::size_t bytes) {
  if (bytes <= bytes_) return;
  release();
  const std::size_t rounded = round_up(bytes, kPage);
  // The tail stays small pages, or a model of many matrices would take a third more than it has.
  const std::size_t huge = rounded / kHugePage * kHugePage;
  data_ = huge > 0 ? map_at_huge_page(rounded) : map(rounded);
  bytes_ = rounded;
  if (huge > 0) madvise(data_, huge, MADV_HUGEPAGE);  // a hint: failing costs speed only
}

void AlignedBuffer::release() {
  if (data_ != nullptr) munmap(data_, bytes_);
  data_ = nullptr;
  bytes_ = 0;
}

}  // namespace pecia::kernels
