#pragma once
// Work on a run of floats where each stands for itself, cut into pieces for a pool.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels {

// Floats of one piece: large enough to pay for its hand-out, small enough to balance.
inline constexpr std::size_t kPieceFloats = 16 * 1024;

// work(first float, number of floats) over all of them.
template <class Work>
void over_floats(ThreadPool& pool, std::size_t floats, const Work& work) {
  const auto pieces = static_cast<std::int64_t>((floats + kPieceFloats - 1) / kPieceFloats);
  pool.run(pieces, [&](std::int64_t piece, int) {
    const std::size_t first = static_cast<std::size_t>(piece) * kPieceFloats;
    work(first, std::min(kPieceFloats, floats - first));
  });
}

}  // namespace pecia::kernels
