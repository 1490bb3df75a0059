#include "kernels/training/ordered_sums.hpp"

#include <algorithm>

namespace pecia::kernels {
namespace {

constexpr std::size_t kChunk = kSumChunk;
constexpr std::size_t kPieceChunks = 16;

std::span<const float> chunk_of(std::span<const float> x, std::size_t index) {
  return x.subspan(index * kChunk, std::min(kChunk, x.size() - index * kChunk));
}

}  // namespace

double ordered_sum(const KernelTable& kernels, std::span<const float> x) {
  double total = 0;
  for (std::size_t i = 0; i * kChunk < x.size(); ++i) {
    const std::span<const float> chunk = chunk_of(x, i);
    total += static_cast<double>(kernels.training.sum(chunk.data(), chunk.size()));
  }
  return total;
}

double ordered_square_sum(ThreadPool& pool, const KernelTable& kernels, std::span<const float> x) {
  const std::size_t chunks = (x.size() + kChunk - 1) / kChunk;
  std::vector<float> sums(chunks);
  const std::size_t pieces = (chunks + kPieceChunks - 1) / kPieceChunks;
  pool.run(static_cast<std::int64_t>(pieces), [&](std::int64_t piece, int) {
    const std::size_t first = static_cast<std::size_t>(piece) * kPieceChunks;
    for (std::size_t i = first; i < std::min(first + kPieceChunks, chunks); ++i) {
      const std::span<const float> chunk = chunk_of(x, i);
      sums[i] = kernels.training.square_sum(chunk.data(), chunk.size());
    }
  });
  double total = 0;
  for (const float sum : sums) total += static_cast<double>(sum);
  return total;
}

}  // namespace pecia::kernels
