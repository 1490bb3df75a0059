#include "kernels/training/local_exchange.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::kernels {

LocalExchange::LocalExchange(std::uint64_t steps_kept) : steps_kept_(steps_kept) {
  assert(steps_kept >= 2);
}

bool LocalExchange::is_kept(std::uint64_t step, std::uint64_t newest) const {
  return step >= newest || newest - step < steps_kept_;
}

Status LocalExchange::check_kept(const GradientKey& key) const {
  const auto newest = newest_.find(key.run);
  if (newest == newest_.end() || is_kept(key.step, newest->second)) return {};
  return fail(ErrorKind::refuse,
              "step {}: its gradients are gone, the other workers are at step {} and {} steps are "
              "kept; all workers must go back to the same checkpoint",
              key.step, newest->second, steps_kept_);
}

Status LocalExchange::publish(const GradientKey& key, std::vector<std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  if (Status kept = check_kept(key); !kept) return kept;
  std::uint64_t& newest = newest_[key.run];
  newest = std::max(newest, key.step);
  std::erase_if(sums_, [&](const auto& entry) {
    return entry.first.run == key.run && !is_kept(entry.first.step, newest);
  });
  sums_.insert_or_assign(key, std::move(bytes));
  return {};
}

Expected<std::vector<std::byte>> LocalExchange::fetch(const GradientKey& key) {
  const std::lock_guard lock(mutex_);
  if (Status kept = check_kept(key); !kept) return kept.error();
  const auto found = sums_.find(key);
  if (found != sums_.end()) return found->second;
  return fail(ErrorKind::retry, "step {}: the gradient of shards {} to {} is not there yet",
              key.step, key.first_shard, key.first_shard + key.shards - 1);
}

}  // namespace pecia::kernels
