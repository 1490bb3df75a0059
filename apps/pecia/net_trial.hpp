#pragma once
// A cluster whose links fail while it writes. Each node, and the client, lives at an end of a
// network of its own (trial_network.hpp), and this process is the wire between them.
//
// Faults fall as fault_plan.hpp deals them. At most kFaultsAtOnceMax last at once and one on a
// link; a fault waits for that, and until its link is up: data went both ways within kSpokeMs. It
// counts if both its processes were there and a look at the job, asked for after it, still found it
// open. When the job is over or out of time, everything heals. Thread rule: one thread, beside
// those of the wire and the watch.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "apps/pecia/document_trial.hpp"
#include "apps/pecia/fault_plan.hpp"
#include "apps/pecia/trial_network.hpp"
#include "apps/pecia/wire_core.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/config/cluster_config.hpp"

namespace pecia::apps {

inline constexpr std::size_t kFaultsAtOnceMax = 2;
// CAF's heartbeat goes over every link once a second.
inline constexpr double kSpokeMs = 2'000;

struct NetTrial : TrialPlan {
  FaultCounts wanted{};  // that count
};

struct NetReport : TrialReport {
  FaultCounts counted{}, not_counted{};
  // By the roles at both ends: "coordinator-worker", "client-coordinator", ...
  std::map<std::string, std::uint64_t> faults_by_link;
  std::vector<double>
      stall_ms;  // of workers that hold something, by faults between them and the head
  WireCounts packets;
};

// `config`: of the cluster that is copied. `ends`: one a node of it and one for the client, where
// this thread is. `show` is called now and then. Errors: refuse (undisturbed, something fails
// already), elsewhere (no folder, no child).
kernels::Expected<NetReport> try_links(const NetTrial& plan, runtime::ClusterConfig config,
                                       const std::vector<TrialEnd>& ends,
                                       const std::function<void(const NetReport& so_far)>& show);

}  // namespace pecia::apps
