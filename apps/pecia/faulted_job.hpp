#pragma once
// One job of a cluster, and the faults of links that fall while it is open.
// Thread rule: that of the cluster.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "apps/pecia/job_watch.hpp"
#include "apps/pecia/net_trial.hpp"
#include "apps/pecia/ordeal.hpp"
#include "apps/pecia/wire.hpp"

namespace pecia::apps {

class FaultedJob : public Ordeal {
 public:
  FaultedJob(TrialCluster& cluster, Wire& wire, JobWatch& watch, NetReport& report,
             LinkFaults faults)
      : cluster_(cluster),
        wire_(wire),
        watch_(watch),
        report_(report),
        pending_(std::move(faults)) {}
  ~FaultedJob() override { heal(0, true); }
  FaultedJob(const FaultedJob&) = delete;
  FaultedJob& operator=(const FaultedJob&) = delete;

  kernels::Status go_on(double now_ms) override;
  kernels::Status end(double now_ms) override;
  void count() const override;
  std::string story() const override;

 private:
  // A fault as it fell.
  struct Fall {
    LinkFault fault;
    bool lasts = false;
    double at_ms = 0;
    double lasted_ms = 0;
  };

  void heal(double now_ms, bool all);
  bool may_fall(const LinkFault& fault, double now_ms) const;
  void fall(const LinkFault& fault, double now_ms);
  void measure_stall(const LinkFault& fault, double now_ms);
  void set_rule(const LinkFault& fault, const LinkRule& rule);
  bool is_there(std::size_t end) const;
  std::map<std::uint64_t, double> stalls_ms() const;
  bool is_client(std::size_t end) const { return end == cluster_.processes().size(); }
  bool is_of_client(const LinkFault& fault) const {
    return is_client(fault.from) || is_client(fault.to);
  }
  std::string name_of(std::size_t end) const;
  std::string role_of(std::size_t end) const;

  TrialCluster& cluster_;
  Wire& wire_;
  JobWatch& watch_;
  NetReport& report_;
  LinkFaults pending_;  // ascending
  std::vector<Fall> fallen_;
};

}  // namespace pecia::apps
