#pragma once
// Bytes that nobody clears before somebody writes them: what a socket or a file is read into. To
// clear them first costs a quarter of receiving them.
// Thread rule: values.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pecia::kernels {

// std::allocator, but for resize(): new elements stay as the memory was.
template <typename T>
struct RawAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = RawAllocator<U>;
  };
  template <typename U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    std::construct_at(at, std::forward<Arguments>(arguments)...);
  }
};

using RawBytes = std::vector<std::byte, RawAllocator<std::byte>>;

}  // namespace pecia::kernels
