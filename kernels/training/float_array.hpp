#pragma once
// A fixed number of floats that begin on a cache line, zero at first.

#include <cstddef>
#include <span>

#include "kernels/cpu/aligned_buffer.hpp"

namespace pecia::kernels {

class FloatArray {
 public:
  FloatArray() = default;
  explicit FloatArray(std::size_t count) : memory_(count * sizeof(float)), count_(count) {}

  float* data() { return reinterpret_cast<float*>(memory_.data()); }
  const float* data() const { return reinterpret_cast<const float*>(memory_.data()); }
  std::size_t size() const { return count_; }
  std::span<float> floats() { return {data(), count_}; }
  std::span<const float> floats() const { return {data(), count_}; }

 private:
  AlignedBuffer memory_;
  std::size_t count_ = 0;
};

}  // namespace pecia::kernels
