#pragma once
// A cluster whose nodes are killed and stopped while it writes.
//
// Blows fall as blow_plan.hpp deals them; at most kHarmedMax nodes are dead or stopped at once, and
// a blow that would make them more waits. A killed node is reaped before it is started again. A
// blow counts if its node was there (and went on, where it was to be stopped) and a look at the
// job, asked for after it, still found it open.
// Thread rule: one thread, beside that of the watch.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "apps/pecia/blow_plan.hpp"
#include "apps/pecia/document_trial.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

struct ClusterTrial : TrialPlan {
  BlowCounts wanted{100, 0, 0};  // that count; pauses need not
};

inline constexpr std::size_t kHarmedMax = 2;

struct ClusterReport : TrialReport {
  BlowCounts counted;      // blows
  BlowCounts not_counted;  // no job was open, or not for certain; or the node was not there
  std::map<std::string, std::uint64_t> kills_by_role;
  std::uint64_t zombies_replaced = 0;  // whose slices all went on elsewhere before they came back
  std::vector<double> kill_stall_ms, stop_stall_ms;  // of workers
  std::vector<double> alone_stall_ms;                // of kills of workers with no other blow near
  std::vector<double> coordinator_stall_ms;          // of kills
};

// `show` is called now and then. Errors: refuse (the config; undisturbed, something fails already),
// elsewhere (no folder, no child).
kernels::Expected<ClusterReport> try_cluster(
    const ClusterTrial& plan, const std::function<void(const ClusterReport& so_far)>& show);

}  // namespace pecia::apps
