#pragma once
// The exchange for workers of one process, each in a thread of its own.

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "kernels/training/gradient_exchange.hpp"

namespace pecia::kernels {

// Thread rule: any thread, any time.
class LocalExchange : public GradientExchange {
 public:
  // Keeps the last `steps_kept` steps that any worker of a run has published. REQUIRES >= 2.
  explicit LocalExchange(std::uint64_t steps_kept);

  Status publish(const GradientKey& key, std::vector<std::byte> bytes) override;
  Expected<std::vector<std::byte>> fetch(const GradientKey& key) override;

 private:
  bool is_kept(std::uint64_t step, std::uint64_t newest) const;
  Status check_kept(const GradientKey& key) const;

  const std::uint64_t steps_kept_;
  std::mutex mutex_;
  std::map<GradientKey, std::vector<std::byte>> sums_;
  std::map<Id, std::uint64_t> newest_;  // step of a run
};

}  // namespace pecia::kernels
