#include "tests/unit/wire/allocation_watch.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace {

thread_local std::size_t largest = 0;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (size > largest) largest = size;
  return std::malloc(size > 0 ? size : 1);
}

void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace pecia::test {

std::size_t largest_allocation() { return std::exchange(largest, 0); }

}  // namespace pecia::test
