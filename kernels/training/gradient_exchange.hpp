#pragma once
// The one door between the workers of a training run: bytes named by (run, step, shards). A worker
// publishes the sum over its own shards and fetches those of the others.
//
// How long a sum is kept: a worker that comes back from a checkpoint repeats every step since, and
// fetches the others' sums of those steps while they wait for it. So an exchange keeps the last
// steps of a run: two, for nobody is more than one step ahead, and as many as lie between two
// checkpoints. Who needs a step that is gone is told so (kind refuse, not retry): then all workers
// go back to the same checkpoint, with a new exchange.

#include <compare>
#include <cstddef>
#include <cstdint>
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
  // The same key is only ever published with the same bytes. Kind refuse: the step is gone.
  virtual Status publish(const GradientKey& key, std::vector<std::byte> bytes) = 0;
  // Kind retry: not there yet; refuse: the step is gone.
  virtual Expected<std::vector<std::byte>> fetch(const GradientKey& key) = 0;
};

}  // namespace pecia::kernels
