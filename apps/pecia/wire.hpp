#pragma once
// A WireCore at work between the ends of a trial's network.
// Thread rule: it has a thread of its own; every call from any thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/pecia/child_process.hpp"
#include "apps/pecia/trial_network.hpp"
#include "apps/pecia/wire_core.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

class Wire {
 public:
  // `ends` outlive it. Errors: elsewhere (no descriptor left).
  static kernels::Expected<std::unique_ptr<Wire>> start(const std::vector<TrialEnd>& ends,
                                                        std::uint64_t seed);
  ~Wire();  // the network is dead from now on
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void set_rule(std::size_t from, std::size_t to, const LinkRule& rule);
  // When data last got there, by steady_us(); 0: never.
  std::uint64_t spoke_us(std::size_t from, std::size_t to) const;
  WireCounts counts() const;

 private:
  Wire(const std::vector<TrialEnd>& ends, Descriptor bell, std::uint64_t seed);

  void run();
  void wait();
  void carry(std::size_t from);
  void release();
  void ring();

  const std::vector<TrialEnd>& ends_;
  const Descriptor bell_;  // rung for a new rule, and for the end
  std::atomic<bool> ends_now_ = false;
  mutable std::mutex mutex_;
  WireCore core_;  // guarded by it
  std::thread thread_;
};

}  // namespace pecia::apps
