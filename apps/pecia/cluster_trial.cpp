#include "apps/pecia/cluster_trial.hpp"

#include <memory>

#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/kill_plan.hpp"
#include "apps/pecia/struck_job.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Show = std::function<void(const ClusterReport&)>;

BlowCounts more_to_deal(const ClusterTrial& plan, const ClusterReport& report,
                        const BlowCounts& dealt) {
  const BlowCounts& wanted = plan.wanted;
  return {moments_to_draw(wanted.kills, report.counted.kills, dealt.kills),
          moments_to_draw(wanted.zombies, report.counted.zombies, dealt.zombies),
          dealt.pauses < wanted.pauses ? wanted.pauses - dealt.pauses : 0};
}

Status strike_until_enough(const ClusterTrial& plan, DocumentTrial& trial, ClusterReport& report,
                           const Show& show) {
  const BlowGround ground{report.undisturbed_s, trial.cluster().processes().size(),
                          trial.silent_s()};
  BlowCounts dealt;
  for (BlowCounts more = more_to_deal(plan, report, dealt); more.kills + more.zombies > 0;
       more = more_to_deal(plan, report, dealt)) {
    const std::uint64_t jobs = jobs_to_share(more.sum(), dealt.sum(), plan.wanted.sum(), plan.jobs);
    for (const Blows& blows : deal_blows(plan.seed, dealt, more, jobs, ground)) {
      const auto strike = [&](JobWatch& watch) {
        return std::make_unique<StruckJob>(trial.cluster(), watch, report, blows);
      };
      if (Status undergone = trial.undergo(strike, 0); !undergone) return undergone;
      if (!report.interrupted) show(report);
      if (!trial.goes_on()) return {};
    }
    dealt.kills += more.kills;
    dealt.zombies += more.zombies;
    dealt.pauses += more.pauses;
  }
  return {};
}

}  // namespace

Expected<ClusterReport> try_cluster(const ClusterTrial& plan, const Show& show) {
  auto file = open_cluster(plan.config);
  if (!file) return file.error();
  auto cluster = TrialCluster::create(std::move(file->cluster), plan.program);
  if (!cluster) return cluster.error();
  auto client = join_as_client(cluster->config_file());
  if (!client) return client.error();
  ClusterReport report;
  DocumentTrial trial(plan, std::move(*cluster), std::move(*client), report);
  if (const Status written = trial.write_undisturbed(); !written) return written.error();
  if (!report.interrupted) {
    if (const Status struck = strike_until_enough(plan, trial, report, show); !struck)
      return struck.error();
  }
  trial.end_nodes();
  return report;
}

}  // namespace pecia::apps
