#include "apps/pecia/cluster_trial.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <fstream>
#include <memory>

#include "actors/clock_and_chance.hpp"
#include "apps/pecia/child.hpp"
#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/job_id.hpp"
#include "apps/pecia/job_watch.hpp"
#include "apps/pecia/kill_plan.hpp"
#include "apps/pecia/kill_trial.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/struck_job.hpp"
#include "apps/pecia/trial_cluster.hpp"
#include "kernels/base/hash.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

constexpr std::uint64_t kEndMsMax = 20'000;  // SIGTERM lets a node end what it has begun
constexpr std::uint64_t kReadyMsMax = 60'000;
constexpr std::chrono::milliseconds kLookAgain(20);
constexpr std::chrono::milliseconds kAskFor(500);

class Trial {
 public:
  Trial(const ClusterTrial& plan, TrialCluster cluster, std::unique_ptr<actors::Node> client,
        const std::function<void(const ClusterReport&)>& show)
      : plan_(plan), cluster_(std::move(cluster)), client_(std::move(client)), show_(show) {}

  // Each leaves early where it was interrupted.
  Status write_embedded();
  Status write_undisturbed();
  Status strike_until_enough();
  void end_nodes();

  ClusterReport& report() { return report_; }

 private:
  Status wait_for_workers();
  Status undergo(const Blows& blows);
  void judge(JobWatch& watch, const StruckJob& job, StruckJob::End end);
  void compare_tokens(const Viewed& view);
  void blame(const std::string& what);
  void keep(const JobWatch& watch, const StruckJob& job);
  Submit make_submit() const;
  BlowCounts more_to_deal(const BlowCounts& dealt) const;
  // Every slice has a slot from the beginning, whoever is left.
  bool all_run() const {
    const int slots = cluster_.config().limits.protocol.slots;
    return plan_.spec.context == ContextMode::none &&
           tokens_.size() <= static_cast<std::size_t>(slots);
  }
  std::uint64_t job_ms_max() const {
    return std::max(plan_.job_ms_max,
                    kJobTimesMax * static_cast<std::uint64_t>(report_.undisturbed_s * 1e3));
  }

  const ClusterTrial& plan_;
  TrialCluster cluster_;
  std::unique_ptr<actors::Node> client_;
  const std::function<void(const ClusterReport&)>& show_;
  std::string document_;
  std::uint64_t embedded_ms_ = 0;      // that the embedded writer took
  std::vector<std::uint64_t> tokens_;  // of each slice, undisturbed
  ClusterReport report_;
};

Submit Trial::make_submit() const {
  Submit submit;
  submit.job = random_job_id();
  submit.spec = encode(plan_.spec);
  submit.seed = plan_.job_seed;
  submit.unix_ms = actors::unix_ms();
  return submit;
}

void Trial::blame(const std::string& what) {
  cluster_.keep_folder();
  if (!report_.failure) report_.failure = fmt::format("job {}: {}", report_.jobs, what);
}

// -- undisturbed ---------------------------------------------------------------------------------

Status Trial::write_embedded() {
  std::vector<std::string> arguments = plan_.write_arguments;
  const std::string& model = coordinator_of(cluster_.config()).model;
  if (!model.empty()) arguments.insert(arguments.end(), {"-m", model});
  auto story = run_child({.program = plan_.program,
                          .arguments = std::move(arguments),
                          .kill_s = {},
                          .limit_ms = kUndisturbedMsMax,
                          .out_bytes_max = kDocumentBytesMax,
                          .known_bytes = 0});
  if (!story) return story.error();
  if (story->end == ChildEnd::interrupted) return {};
  if (story->end != ChildEnd::exited || story->code != 0 || story->out.empty()) {
    return fail(ErrorKind::refuse, "'pecia write' without a cluster fails already: {}",
                printable(story->err));
  }
  document_ = std::move(story->out);
  embedded_ms_ = static_cast<std::uint64_t>(story->seconds * 1e3);
  return {};
}

// So that the undisturbed job meets the cluster as the others do.
Status Trial::wait_for_workers() {
  const auto wanted = static_cast<std::size_t>(
      std::count_if(cluster_.config().nodes.begin(), cluster_.config().nodes.end(),
                    [](const NodeConfig& node) { return node.roles.worker; }));
  const std::uint64_t until_ms = actors::steady_ms() + kReadyMsMax;
  while (!interrupted()) {
    for (NodeProcess& process : cluster_.processes()) {
      if (const auto code = process.look()) {
        return fail(ErrorKind::refuse, "node {} ends with exit code {}: {}", process.name(), *code,
                    process.last_words());
      }
    }
    const auto answer = client_->ask(Overview{UINT64_MAX}, kAskFor);
    if (answer && std::holds_alternative<Overviewed>(*answer) &&
        std::get<Overviewed>(*answer).nodes.size() >= wanted)
      return {};
    if (!answer && answer.error().kind != ErrorKind::retry) return answer.error();
    if (actors::steady_ms() > until_ms) {
      return fail(ErrorKind::refuse, "the {} workers are not there within {} s", wanted,
                  kReadyMsMax / 1'000);
    }
    client_->pause(kLookAgain);
  }
  return {};
}

Status Trial::write_undisturbed() {
  if (Status started = cluster_.start(); !started) return started;
  if (Status there = wait_for_workers(); !there) return there;
  JobWatch watch(*client_, make_submit(), document_, false);
  StruckJob job(cluster_, watch, report_);
  const auto end = job.undergo({}, plan_.job_ms_max + kJobTimesMax * embedded_ms_);
  if (!end) return end.error();
  if (*end == StruckJob::End::hung)
    return fail(ErrorKind::refuse, "undisturbed, the cluster is far slower than 'pecia write'");
  if (*end == StruckJob::End::interrupted) return {};
  if (const auto failure = watch.failure())
    return fail(ErrorKind::refuse, "undisturbed, the job fails already: {}", *failure);
  if (report_.failure) return fail(ErrorKind::refuse, "undisturbed: {}", *report_.failure);
  if (const auto found = watch.contradiction()) {
    return fail(ErrorKind::refuse, "undisturbed, the cluster differs from 'pecia write': {}",
                found->what);
  }
  report_.undisturbed_s = static_cast<double>(actors::steady_ms() - watch.opened_ms()) / 1e3;
  for (const SliceView& slice : watch.view().slices) tokens_.push_back(slice.tokens);
  report_.document_tokens = tokens_of(watch.view());
  report_.document_bytes = document_.size();
  Sha256 hash;
  hash.update(document_);
  report_.sha256 = hex(hash.finish());
  return {};
}

// -- struck --------------------------------------------------------------------------------------

void Trial::compare_tokens(const Viewed& view) {
  std::uint64_t lost = 0, doubled = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::uint64_t tokens = i < view.slices.size() ? view.slices[i].tokens : 0;
    lost += tokens_[i] - std::min(tokens_[i], tokens);
    doubled += tokens - std::min(tokens_[i], tokens);
  }
  report_.lost_tokens += lost;
  report_.doubled_tokens += doubled;
  if (lost + doubled > 0) blame(fmt::format("{} tokens lost, {} doubled", lost, doubled));
}

void Trial::judge(JobWatch& watch, const StruckJob& job, StruckJob::End end) {
  const auto found = watch.contradiction();
  if (found) {
    ++report_.differing_documents;
    if (found->taken_back) ++report_.taken_back;
    blame(found->what);
  }
  if (end == StruckJob::End::hung) {
    ++report_.hung_jobs;
    const Viewed view = watch.view();
    blame(fmt::format("not done within {} ms; {}, {} tokens, {} of {} slices ended", job_ms_max(),
                      name_of(view.state), tokens_of(view), slices_ended(view),
                      view.slices.size()));
  } else if (const auto failure = watch.failure()) {
    ++report_.failed_jobs;
    blame(*failure);
  } else {
    if (!found) ++report_.jobs_done;
    compare_tokens(watch.view());
  }
  if (!report_.clean()) keep(watch, job);
}

// What a person wants to see of the first failure.
void Trial::keep(const JobWatch& watch, const StruckJob& job) {
  cluster_.keep_folder();
  const auto write = [this](const char* name, const std::string& text) {
    std::ofstream(cluster_.folder() + "/" + name, std::ios::binary) << text;
  };
  write("undisturbed", document_);
  if (watch.is_over()) write("read", watch.document());
  write("blows", job.story());
  report_.failure =
      fmt::format("{}; kept: {}", report_.failure.value_or("a node failed"), cluster_.folder());
}

Status Trial::undergo(const Blows& blows) {
  ++report_.jobs;
  JobWatch watch(*client_, make_submit(), document_, all_run());
  StruckJob job(cluster_, watch, report_);
  const auto end = job.undergo(blows, job_ms_max());
  if (!end) return end.error();
  if (*end == StruckJob::End::interrupted) {
    report_.interrupted = true;
    return {};
  }
  job.count();
  if (!plan_.log.empty()) std::ofstream(plan_.log, std::ios::app) << job.story();
  judge(watch, job, *end);
  show_(report_);
  return {};
}

BlowCounts Trial::more_to_deal(const BlowCounts& dealt) const {
  const BlowCounts& wanted = plan_.wanted;
  return {moments_to_draw(wanted.kills, report_.counted.kills, dealt.kills),
          moments_to_draw(wanted.zombies, report_.counted.zombies, dealt.zombies),
          dealt.pauses < wanted.pauses ? wanted.pauses - dealt.pauses : 0};
}

Status Trial::strike_until_enough() {
  const BlowGround ground{report_.undisturbed_s, cluster_.processes().size(),
                          static_cast<double>(cluster_.config().limits.protocol.silent_ms) / 1e3};
  // As dense at the end as at the beginning.
  const std::uint64_t blows_a_job = std::max<std::uint64_t>(1, plan_.wanted.sum() / plan_.jobs);
  BlowCounts dealt;
  for (BlowCounts more = more_to_deal(dealt); more.kills + more.zombies > 0;
       more = more_to_deal(dealt)) {
    const std::uint64_t jobs =
        dealt.sum() == 0 ? plan_.jobs : (more.sum() + blows_a_job - 1) / blows_a_job;
    for (const Blows& blows : deal_blows(plan_.seed, dealt, more, jobs, ground)) {
      if (Status undergone = undergo(blows); !undergone) return undergone;
      if (report_.interrupted || !report_.clean()) return {};
    }
    dealt.kills += more.kills;
    dealt.zombies += more.zombies;
    dealt.pauses += more.pauses;
  }
  return {};
}

void Trial::end_nodes() {
  client_.reset();
  for (NodeProcess& process : cluster_.processes()) {
    if (process.end(kEndMsMax)) continue;
    ++report_.failed_nodes;
    blame(fmt::format("node {} did not end within {} ms of SIGTERM; kept: {}", process.name(),
                      kEndMsMax, cluster_.folder()));
  }
}

}  // namespace

Expected<ClusterReport> try_cluster(const ClusterTrial& trial,
                                    const std::function<void(const ClusterReport&)>& show) {
  auto cluster = TrialCluster::create(trial.config, trial.program);
  if (!cluster) return cluster.error();
  auto client = join_as_client(cluster->config_file());
  if (!client) return client.error();
  Trial running(trial, std::move(*cluster), std::move(*client), show);
  for (const auto step :
       {&Trial::write_embedded, &Trial::write_undisturbed, &Trial::strike_until_enough}) {
    if (const Status done = (running.*step)(); !done) return done.error();
    if (interrupted()) running.report().interrupted = true;
    if (running.report().interrupted) break;
  }
  running.end_nodes();
  return std::move(running.report());
}

}  // namespace pecia::apps
