#pragma once
// One job of a cluster, and the blows that fall while it is open.
// Thread rule: that of the cluster.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/pecia/blow_plan.hpp"
#include "apps/pecia/cluster_trial.hpp"
#include "apps/pecia/job_watch.hpp"
#include "apps/pecia/trial_cluster.hpp"

namespace pecia::apps {

class StruckJob : public Ordeal {
 public:
  // A blow as it fell.
  struct Strike {
    Blow blow;
    bool met = false;  // the process was there
    std::uint64_t at_ms = 0;
    double stopped_ms = 0;
  };

  StruckJob(TrialCluster& cluster, JobWatch& watch, ClusterReport& report, Blows blows)
      : cluster_(cluster),
        watch_(watch),
        report_(report),
        blows_(std::move(blows)),
        healing_(cluster.processes().size()) {}

  kernels::Status go_on(double now_ms) override;
  kernels::Status end(double now_ms) override;
  void count() const override;
  std::string story() const override;

 private:
  struct Healing {
    bool due = false;
    double at_ms = 0;
    std::size_t strike = 0;
  };

  kernels::Status heal(double now_ms, bool all);
  bool may_strike(const Blow& blow) const;
  void strike(const Blow& blow);
  bool is_alone(const Stall& stall) const;
  void count_stall(const Stall& stall) const;

  TrialCluster& cluster_;
  JobWatch& watch_;
  ClusterReport& report_;
  const Blows blows_;
  std::size_t next_ = 0;          // of them to fall
  std::vector<Healing> healing_;  // one a node
  std::vector<Strike> strikes_;
};

}  // namespace pecia::apps
