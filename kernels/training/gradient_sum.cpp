#include "kernels/training/gradient_sum.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "kernels/base/hash.hpp"
#include "kernels/cpu/over_floats.hpp"

namespace pecia::kernels {
namespace {

// Followed by the gradient's floats and the XXH3-128 of all bytes before it; little endian.
struct SumHeader {
  std::uint64_t floats;
  std::uint64_t rows;
  double loss;
  double loss_weight;
};
static_assert(sizeof(SumHeader) == 32);

}  // namespace

SampleRange shard_samples(int batch, int shard) {
  const auto cut = [batch](int s) {
    return static_cast<int>(std::int64_t{batch} * s / kGradientShards);
  };
  return {cut(shard), cut(shard + 1)};
}

void GradientSum::clear() {
  std::ranges::fill(gradient.floats(), 0.0f);
  loss = loss_weight = 0;
  rows = 0;
}

void add(ThreadPool& pool, const KernelTable& kernels, GradientSum& sum, const GradientSum& other) {
  assert(sum.gradient.size() == other.gradient.size());
  over_floats(pool, sum.gradient.size(), [&](std::size_t first, std::size_t floats) {
    kernels.add(sum.gradient.data() + first, other.gradient.data() + first, floats);
  });
  sum.loss += other.loss;
  sum.loss_weight += other.loss_weight;
  sum.rows += other.rows;
}

std::vector<std::byte> encode(const GradientSum& sum) {
  const SumHeader header{sum.gradient.size(), sum.rows, sum.loss, sum.loss_weight};
  std::vector<std::byte> bytes;
  const auto append = [&bytes](std::span<const std::byte> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  bytes.reserve(sizeof header + sum.gradient.size() * sizeof(float) + sizeof(Id));
  append(std::as_bytes(std::span(&header, 1)));
  append(std::as_bytes(sum.gradient.floats()));
  const Id checksum = xxh3_128(bytes);
  append(std::as_bytes(std::span(checksum)));
  return bytes;
}

Status decode(std::span<const std::byte> bytes, std::string_view origin, GradientSum& sum) {
  const std::size_t gradient_bytes = sum.gradient.size() * sizeof(float);
  const std::size_t expected = sizeof(SumHeader) + gradient_bytes + sizeof(Id);
  if (bytes.size() != expected) {
    return fail(ErrorKind::refuse, "{}: {} bytes, expected {}", origin, bytes.size(), expected);
  }
  const Id checksum = xxh3_128(bytes.first(expected - sizeof(Id)));
  if (std::memcmp(checksum.data(), bytes.data() + expected - sizeof(Id), sizeof(Id)) != 0) {
    return fail(ErrorKind::elsewhere, "{}: its checksum does not agree", origin);
  }
  SumHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.floats != sum.gradient.size()) {
    return fail(ErrorKind::refuse, "{}: {} parameters, expected {}", origin, header.floats,
                sum.gradient.size());
  }
  std::memcpy(sum.gradient.data(), bytes.data() + sizeof header, gradient_bytes);
  sum.rows = header.rows;
  sum.loss = header.loss;
  sum.loss_weight = header.loss_weight;
  return {};
}

}  // namespace pecia::kernels
