#pragma once
// One job of a cluster, and the blows that fall while it is open.
// Thread rule: that of the cluster.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "apps/pecia/blow_plan.hpp"
#include "apps/pecia/cluster_trial.hpp"
#include "apps/pecia/job_watch.hpp"
#include "apps/pecia/trial_cluster.hpp"

namespace pecia::apps {

class StruckJob {
 public:
  // A blow as it fell.
  struct Strike {
    Blow blow;
    bool met = false;  // the process was there
    std::uint64_t at_ms = 0;
    double stopped_ms = 0;
  };
  enum class End : std::uint8_t { over, hung, interrupted };

  StruckJob(TrialCluster& cluster, JobWatch& watch, ClusterReport& report)
      : cluster_(cluster), watch_(watch), report_(report), healing_(cluster.processes().size()) {}

  // Until the job is over or `limit_ms` has passed; then every node is there again. Error:
  // elsewhere (a node cannot be started again).
  kernels::Expected<End> undergo(const Blows& blows, std::uint64_t limit_ms);
  // Into the report: which blows counted, and their stalls.
  void count() const;
  // For a person: the blows as they fell, and how long each kept the job waiting.
  std::string story() const;

 private:
  struct Healing {
    bool due = false;
    double at_ms = 0;
    std::size_t strike = 0;
  };

  kernels::Status heal(double now_ms, bool all);
  kernels::Status look_at_nodes();
  bool may_strike(const Blow& blow) const;
  void strike(const Blow& blow);
  bool is_alone(const Stall& stall) const;
  void count_stall(const Stall& stall) const;

  TrialCluster& cluster_;
  JobWatch& watch_;
  ClusterReport& report_;
  std::vector<Healing> healing_;  // one a node
  std::vector<Strike> strikes_;
};

}  // namespace pecia::apps
