#include "apps/pecia/net_trial.hpp"

#include <cassert>
#include <memory>

#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/faulted_job.hpp"
#include "apps/pecia/kill_plan.hpp"
#include "apps/pecia/wire.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Show = std::function<void(const NetReport&)>;

std::vector<NodePlace> places_of(const std::vector<TrialEnd>& ends) {
  std::vector<NodePlace> places;
  for (std::size_t end = 0; end + 1 < ends.size(); ++end)
    places.push_back({address_of_end(end), ends[end].network.number()});
  return places;
}

FaultGround ground_of(DocumentTrial& trial, const NetReport& report) {
  FaultGround ground{report.undisturbed_s, trial.cluster().processes().size(), 0, trial.silent_s()};
  while (!trial.cluster().node(ground.coordinator).roles.coordinator) ++ground.coordinator;
  return ground;
}

FaultCounts more_to_deal(const NetTrial& plan, const NetReport& report, const FaultCounts& dealt) {
  FaultCounts more{};
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    more[kind] = moments_to_draw(plan.wanted[kind], report.counted[kind], dealt[kind]);
  return more;
}

// They may all last until the end, two at once.
std::uint64_t lasting_ms(const LinkFaults& faults) {
  double seconds = 0;
  for (const LinkFault& fault : faults) seconds += fault.for_s;
  return static_cast<std::uint64_t>(seconds * 1e3);
}

Status fault_until_enough(const NetTrial& plan, DocumentTrial& trial, Wire& wire, NetReport& report,
                          const Show& show) {
  const FaultGround ground = ground_of(trial, report);
  FaultCounts dealt{};
  for (FaultCounts more = more_to_deal(plan, report, dealt); sum(more) > 0;
       more = more_to_deal(plan, report, dealt)) {
    const std::uint64_t jobs = jobs_to_share(sum(more), sum(dealt), sum(plan.wanted), plan.jobs);
    for (const LinkFaults& faults : deal_faults(plan.seed, dealt, more, jobs, ground)) {
      const auto fault = [&](JobWatch& watch) {
        return std::make_unique<FaultedJob>(trial.cluster(), wire, watch, report, faults);
      };
      if (Status undergone = trial.undergo(fault, lasting_ms(faults)); !undergone) return undergone;
      if (!report.interrupted) show(report);
      if (!trial.goes_on()) return {};
    }
    for (std::size_t kind = 0; kind < kFaultKinds; ++kind) dealt[kind] += more[kind];
  }
  return {};
}

}  // namespace

Expected<NetReport> try_links(const NetTrial& plan, runtime::ClusterConfig config,
                              const std::vector<TrialEnd>& ends, const Show& show) {
  assert(ends.size() == config.nodes.size() + 1);
  auto wire = Wire::start(ends, plan.seed);
  if (!wire) return wire.error();
  auto cluster = TrialCluster::create(std::move(config), plan.program, places_of(ends));
  if (!cluster) return cluster.error();
  auto client = join_as_client(cluster->config_file());
  if (!client) return client.error();
  NetReport report;
  DocumentTrial trial(plan, std::move(*cluster), std::move(*client), report);
  if (const Status written = trial.write_undisturbed(); !written) return written.error();
  if (!report.interrupted) {
    const Status faulted = fault_until_enough(plan, trial, **wire, report, show);
    if (!faulted) return faulted.error();
  }
  trial.end_nodes();
  report.packets = (*wire)->counts();
  return report;
}

}  // namespace pecia::apps
