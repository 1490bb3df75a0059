// pecia chaos kill: a cluster whose nodes die, or sleep and come back, must lose nothing, write
// nothing twice and change nothing.

#include "apps/pecia/chaos_kill.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/chaos.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/stall_meter.hpp"
#include "apps/pecia/trial_options.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kKillsMax = 100'000;
constexpr std::uint64_t kKillsPerJob = 10;
constexpr std::uint64_t kZombiesPerJob = 4;  // they last

struct ChaosKillOptions : TrialOptions {
  std::uint64_t kills = 100;
  std::optional<std::uint64_t> zombies;
};

std::vector<double> all_of(std::vector<double> one, const std::vector<double>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

double longest(const std::vector<double>& values) { return quantile(values, 1); }

void show(Progress& progress, const ClusterTrial& trial, const ClusterReport& so_far) {
  progress.update(so_far.counted.kills + so_far.counted.zombies,
                  trial.wanted.kills + trial.wanted.zombies,
                  fmt::format("blows, job {}, {} done", so_far.jobs, so_far.jobs_done));
}

Expected<ClusterTrial> plan_trial(const ChaosKillOptions& options) {
  ClusterTrial trial;
  const std::uint64_t zombies = options.zombies.value_or(options.kills / 3);
  if (options.kills + zombies == 0)
    return fail(ErrorKind::refuse, "--kills 0: then --zombies must be 1 or more");
  trial.wanted = {options.kills, zombies, zombies / 4};
  trial.jobs = std::max((options.kills + kKillsPerJob - 1) / kKillsPerJob,
                        (zombies + kZombiesPerJob - 1) / kZombiesPerJob);
  if (const Status planned = plan_jobs(options, trial); !planned) return planned.error();
  return trial;
}

Expected<int> execute(const ChaosKillOptions& options, Output& out) {
  const auto trial = plan_trial(options);
  if (!trial) return trial.error();
  watch_interrupts();
  Progress progress("killing");
  progress.update(0, trial->wanted.kills + trial->wanted.zombies, "blows, first undisturbed");
  const auto report =
      try_cluster(*trial, [&](const ClusterReport& so_far) { show(progress, *trial, so_far); });
  progress.end();
  if (!report) return report.error();
  if (report->interrupted) {
    tell(fmt::format("interrupted after {} of {} kills", report->counted.kills, options.kills));
    return kExitInterrupted;
  }
  const Status told =
      options.json ? out.write_json(cluster_to_json(*report)) : out.write(cluster_to_text(*report));
  if (!told) return told.error();
  const std::string verdict = judge_cluster(*report, trial->wanted);
  if (verdict.empty()) return kExitDone;
  tell(printable(verdict));
  return kExitFailed;
}

}  // namespace

std::string judge_cluster(const ClusterReport& report, const BlowCounts& wanted) {
  if (std::string failed = judge_jobs(report); !failed.empty()) return failed;
  const BlowCounts& counted = report.counted;
  if (counted.kills >= wanted.kills && counted.zombies >= wanted.zombies) return {};
  return fmt::format(
      "only {} of {} kills and {} of {} long stops met an open job; take a longer "
      "document",
      counted.kills, wanted.kills, counted.zombies, wanted.zombies);
}

nlohmann::ordered_json cluster_to_json(const ClusterReport& report) {
  const auto stalls = all_of(report.kill_stall_ms, report.stop_stall_ms);
  nlohmann::ordered_json object = {{"jobs", report.jobs},
                                   {"jobs_done", report.jobs_done},
                                   {"kills_by_role", report.kills_by_role},
                                   {"kills", report.counted.kills},
                                   {"zombies", report.counted.zombies},
                                   {"zombies_replaced", report.zombies_replaced},
                                   {"pauses", report.counted.pauses},
                                   {"not_counted", report.not_counted.sum()}};
  add_outcome(object, report);
  const nlohmann::ordered_json stall_words = {
      {"stalls", stalls.size()},
      {"stall_ms_p50", quantile(stalls, 0.5)},
      {"stall_ms_p99", quantile(stalls, 0.99)},
      {"kill_stall_ms_p50", quantile(report.kill_stall_ms, 0.5)},
      {"kill_stall_ms_p99", quantile(report.kill_stall_ms, 0.99)},
      {"alone_stalls", report.alone_stall_ms.size()},
      {"alone_stall_ms_p50", quantile(report.alone_stall_ms, 0.5)},
      {"stop_stall_ms_p50", quantile(report.stop_stall_ms, 0.5)},
      {"coordinator_stalls", report.coordinator_stall_ms.size()},
      {"coordinator_stall_ms_p50", quantile(report.coordinator_stall_ms, 0.5)},
      {"coordinator_stall_ms_max", longest(report.coordinator_stall_ms)}};
  object.update(stall_words);
  if (report.failure) object["failure"] = *report.failure;
  return object;
}

std::string cluster_to_text(const ClusterReport& report) {
  const auto stalls = all_of(report.kill_stall_ms, report.stop_stall_ms);
  std::string roles;
  for (const auto& [role, kills] : report.kills_by_role) {
    if (!roles.empty()) roles += ", ";
    roles += fmt::format("{} {}", kills, role);
  }
  std::string table = document_to_text(report);
  table += fmt::format("kills                {} ({})\n", report.counted.kills, roles);
  table += fmt::format("stops                {} long, {} replaced meanwhile; {} short\n",
                       report.counted.zombies, report.zombies_replaced, report.counted.pauses);
  table += fmt::format("blows not counted    {}\n", report.not_counted.sum());
  table += outcome_to_text(report);
  table += fmt::format(
      "worker struck        {:.0f} ms to the next token in the middle, {:.0f} ms "
      "in 99 of 100\n",
      quantile(stalls, 0.5), quantile(stalls, 0.99));
  table += fmt::format("a worker's kill      {:.0f} ms in the middle, no other blow near\n",
                       quantile(report.alone_stall_ms, 0.5));
  table +=
      fmt::format("coordinator killed   {:.0f} ms in the middle, {:.0f} ms at most\n",
                  quantile(report.coordinator_stall_ms, 0.5), longest(report.coordinator_stall_ms));
  return table;
}

Command add_chaos_kill(CLI::App& root) {
  auto options = std::make_shared<ChaosKillOptions>();
  CLI::App* parser = chaos_group(root).add_subcommand(
      "kill", "a cluster of real processes, killed and stopped at random moments");
  parser->add_option("--kills", options->kills, "by SIGKILL, that meet an open job")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, kKillsMax));
  parser
      ->add_option("--zombies", options->zombies,
                   "stops by SIGSTOP for longer than protocol.silent_ms; a third of the kills by "
                   "default, and a quarter of them as many shorter ones")
      ->check(CLI::Range(std::uint64_t{0}, kKillsMax));
  add_trial_flags(*parser, *options, "one for ten kills and for four zombies", "moments and nodes");
  parser->footer(
      "The nodes are started on free ports of this machine, with their data in a folder below\n"
      "TMPDIR. The document is written once by 'pecia write' and once by the undisturbed cluster,\n"
      "which must agree. Then each job is struck at moments drawn uniformly over the undisturbed\n"
      "time; at most two nodes are down at once. Exit code 1: a document differs, a token is lost\n"
      "or doubled, a job hangs, a node ends by itself or not at SIGTERM, or too few blows met an\n"
      "open job; the folder with the logs of the nodes is kept and named.\n"
      "A worker's stall lasts from the blow until each slice that had begun has a new durable\n"
      "token; a coordinator's until any has.\n"
      "\n"
      "Examples:\n"
      "  pecia chaos kill --config config/local.toml --kills 300 --json\n"
      "  pecia chaos kill --config config/two.toml --kills 20 --jobs 2 --context summary");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
