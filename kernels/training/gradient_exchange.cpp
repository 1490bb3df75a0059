#include "kernels/training/gradient_exchange.hpp"

#include <utility>

namespace pecia::kernels {

Status LocalExchange::publish(const GradientKey& key, std::vector<std::byte> bytes) {
  std::erase_if(sums_, [&key](const auto& entry) {
    return entry.first.run == key.run && entry.first.step + 1 < key.step;
  });
  sums_.insert_or_assign(key, std::move(bytes));
  return {};
}

Expected<std::vector<std::byte>> LocalExchange::fetch(const GradientKey& key) {
  const auto found = sums_.find(key);
  if (found != sums_.end()) return found->second;
  return fail(ErrorKind::retry, "step {}: the gradient of shards {} to {} is not there yet",
              key.step, key.first_shard, key.first_shard + key.shards - 1);
}

}  // namespace pecia::kernels
