#pragma once
// How fast this machine reads memory: the denominator of every speed that pecia prints.
// Method: plain vector sums over a buffer far beyond the caches, as in McCalpin's STREAM
// (https://www.cs.virginia.edu/stream/), read only. Thread rule: one caller, as the pool demands.

#include <cstddef>
#include <vector>

#include "kernels/cpu/aligned_buffer.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::apps {

constexpr std::size_t kBandwidthBytes = std::size_t{512} << 20;

class BandwidthProbe {
 public:
  BandwidthProbe(kernels::ThreadPool& pool, std::size_t bytes);  // touches every page once

  double read_gb_s();  // one pass over the buffer, 1e9 bytes per second

 private:
  kernels::ThreadPool& pool_;
  kernels::AlignedBuffer buffer_;
  std::size_t bytes_;
};

// The middle value (upper one of two). REQUIRES values not empty.
double median(std::vector<double> values);

}  // namespace pecia::apps
