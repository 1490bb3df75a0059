#include "apps/pecia/bandwidth.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;  // handed out one at a time
constexpr std::size_t kStreams = 2;                        // the prefetcher follows them apart

// One 64-byte vector; the compiler splits it into what the CPU has.
using Words = std::uint64_t __attribute__((vector_size(64)));

// One copy for each width of x86 vectors, chosen while the program is loaded: too early for the
// sanitizers, whose memory is not mapped by then.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PECIA_EVERY_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PECIA_EVERY_WIDTH
#endif

// Sum of `vectors` vectors at `words`, read as kStreams interleaved streams.
PECIA_EVERY_WIDTH std::uint64_t sum(const Words* words, std::size_t vectors) {
  const std::size_t stride = vectors / kStreams;
  Words a = {}, b = {}, c = {}, d = {};
  for (std::size_t i = 0; i + 1 < stride; i += 2) {
    a += words[i];
    b += words[i + 1];
    c += words[stride + i];
    d += words[stride + i + 1];
  }
  const Words total = a + b + c + d;
  std::uint64_t folded = 0;
  for (int lane = 0; lane < 8; ++lane) folded += total[lane];
  return folded;
}

}  // namespace

BandwidthProbe::BandwidthProbe(kernels::ThreadPool& pool, std::size_t bytes)
    : pool_(pool), buffer_(bytes), bytes_(bytes / kPieceBytes * kPieceBytes) {
  pool_.run(static_cast<std::int64_t>(bytes_ / kPieceBytes), [this](std::int64_t piece, int) {
    std::memset(buffer_.data() + static_cast<std::size_t>(piece) * kPieceBytes, 1, kPieceBytes);
  });
}

double BandwidthProbe::read_gb_s() {
  std::atomic<std::uint64_t> total = 0;
  const Stopwatch watch;
  pool_.run(static_cast<std::int64_t>(bytes_ / kPieceBytes), [&](std::int64_t piece, int) {
    const auto* words = reinterpret_cast<const Words*>(buffer_.data()) +
                        static_cast<std::size_t>(piece) * (kPieceBytes / sizeof(Words));
    total.fetch_add(sum(words, kPieceBytes / sizeof(Words)), std::memory_order_relaxed);
  });
  const double seconds = watch.seconds();
  assert(total.load() == 0x0101010101010101u * (bytes_ / 8));  // every byte was read
  return static_cast<double>(bytes_) / seconds / 1e9;
}

double median(std::vector<double> values) {
  assert(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace pecia::apps
