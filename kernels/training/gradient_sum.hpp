#pragma once
// The gradient of some shards of a global batch, and how it travels. Sums are joined in one fixed
// tree, ((0+1)+(2+3))+((4+5)+(6+7)), whoever computes them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/training/float_array.hpp"

namespace pecia::kernels {

inline constexpr int kGradientShards = 8;  // of every global batch

// Samples [first, end) of a batch that belong to a shard.
struct SampleRange {
  int first = 0;
  int end = 0;
};
SampleRange shard_samples(int batch, int shard);

struct GradientSum {
  FloatArray gradient;     // of the sum of weighted losses, laid out as the parameters
  double loss = 0;         // sum of weighted losses
  double loss_weight = 0;  // sum of their weights
  std::uint64_t rows = 0;  // targets

  explicit GradientSum(std::size_t floats) : gradient(floats) {}
  void clear();
};

// sum += other. Addition commutes, so a pair of the tree may come in either order.
void add(ThreadPool& pool, const KernelTable& kernels, GradientSum& sum, const GradientSum& other);

// Bytes that name their length and carry a checksum. decode() refuses what does not fit `sum`, by
// `origin`, and changes nothing then.
std::vector<std::byte> encode(const GradientSum& sum);
Status decode(std::span<const std::byte> bytes, std::string_view origin, GradientSum& sum);

}  // namespace pecia::kernels
