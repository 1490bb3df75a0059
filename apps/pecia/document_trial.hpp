#pragma once
// Jobs on a cluster to which something happens while it writes: each must give the bytes of the
// undisturbed one, take nothing back that a reader was shown, lose and double no token, and end.
//
//   embedded writer: document   ==   first job, undisturbed: document, tokens, duration
//   job:  open --- what an Ordeal does -------- end    one job after the other, on nodes that live
//              '--------- duration --------'           on from job to job
//
// Thread rule: one thread, beside that of the watch.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/node/node.hpp"
#include "apps/pecia/job_watch.hpp"
#include "apps/pecia/ordeal.hpp"
#include "apps/pecia/trial_cluster.hpp"
#include "apps/pecia/trial_report.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia::apps {

struct TrialPlan {
  std::string program = "/proc/self/exe";
  std::string config;  // file of the cluster that is copied
  // The job, and the flags of `pecia write` that mean the same.
  runtime::JobSpec spec;
  std::uint64_t job_seed = 1;
  std::vector<std::string> write_arguments;
  std::uint64_t jobs = 10;  // which share what befalls them
  std::uint64_t seed = 1;   // of that
  std::string log;          // file to which the story of each job goes; empty: none
  // A job may take this long, or kJobTimesMax times the undisturbed one where that is more; the
  // undisturbed one itself so many times the embedded writer, and this.
  std::uint64_t job_ms_max = 60'000;
};

inline constexpr std::uint64_t kJobTimesMax = 10;

class DocumentTrial {
 public:
  using MakeOrdeal = std::function<std::unique_ptr<Ordeal>(JobWatch& watch)>;

  // `plan` and `report` outlive it.
  DocumentTrial(const TrialPlan& plan, TrialCluster cluster, std::unique_ptr<actors::Node> client,
                TrialReport& report)
      : plan_(plan), cluster_(std::move(cluster)), client_(std::move(client)), report_(report) {}

  // Starts the nodes. Leaves early, and says so in the report, where it was interrupted. Errors:
  // refuse (something fails already), elsewhere (no child).
  kernels::Status write_undisturbed();
  // One job, which has `more_ms` beyond what is allowed to each. Errors: elsewhere.
  kernels::Status undergo(const MakeOrdeal& make, std::uint64_t more_ms);
  void end_nodes();

  // Neither interrupted nor failed.
  bool goes_on() const { return !report_.interrupted && report_.clean(); }
  TrialCluster& cluster() { return cluster_; }
  double silent_s() const {
    return static_cast<double>(cluster_.config().limits.protocol.silent_ms) / 1e3;
  }

 private:
  enum class JobEnd : std::uint8_t { over, hung, interrupted };

  kernels::Status write_embedded();
  kernels::Status write_on_cluster();
  kernels::Status wait_for_workers();
  // Until the job is over or `limit_ms` has passed; then every node is there again.
  kernels::Expected<JobEnd> follow(JobWatch& watch, Ordeal* ordeal, std::uint64_t limit_ms);
  kernels::Status look_at_nodes();
  void judge(JobWatch& watch, const Ordeal& ordeal, JobEnd end, std::uint64_t limit_ms);
  void compare_tokens(const runtime::Viewed& view);
  void blame(const std::string& what);
  void keep(const JobWatch& watch, const Ordeal& ordeal);
  runtime::Submit make_submit() const;
  // Every slice has a slot from the beginning, whoever is left.
  bool all_run() const;
  std::uint64_t job_ms_max() const;

  const TrialPlan& plan_;
  TrialCluster cluster_;
  std::unique_ptr<actors::Node> client_;
  TrialReport& report_;
  std::string document_;
  std::uint64_t embedded_ms_ = 0;      // that the embedded writer took
  std::vector<std::uint64_t> tokens_;  // of each slice, undisturbed
};

}  // namespace pecia::apps
