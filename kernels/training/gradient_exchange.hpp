#pragma once
// The one door between the workers of a training run: bytes named by (run, step, shards). A worker
// publishes the sum over its own shards and fetches those of the others.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"

namespace pecia::kernels {

struct GradientKey {
  Id run{};
  std::uint64_t step = 0;
  int first_shard = 0;
  int shards = 0;  // a whole subtree of the sum
  auto operator<=>(const GradientKey&) const = default;
};

class GradientExchange {
 public:
  virtual ~GradientExchange() = default;
  // The same key is only ever published with the same bytes.
  virtual Status publish(const GradientKey& key, std::vector<std::byte> bytes) = 0;
  // Kind retry: not there yet.
  virtual Expected<std::vector<std::byte>> fetch(const GradientKey& key) = 0;
};

// For workers of one process. Keeps the step being published and the one before: no worker can be
// further behind, for it is waited for. Thread rule: one caller at a time.
class LocalExchange : public GradientExchange {
 public:
  Status publish(const GradientKey& key, std::vector<std::byte> bytes) override;
  Expected<std::vector<std::byte>> fetch(const GradientKey& key) override;

 private:
  std::map<GradientKey, std::vector<std::byte>> sums_;
};

}  // namespace pecia::kernels
