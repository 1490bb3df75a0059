// pecia chaos kill: a cluster whose nodes die, or sleep and come back, must lose nothing, write
// nothing twice and change nothing.

#include "apps/pecia/chaos_kill.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/chaos.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/seed.hpp"
#include "apps/pecia/stall_meter.hpp"
#include "apps/pecia/write_plan.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kKillsMax = 100'000;
constexpr std::uint64_t kJobsMax = 10'000;
constexpr std::uint64_t kKillsPerJob = 10;
constexpr std::uint64_t kZombiesPerJob = 4;  // they last
constexpr int kTokensMax = 1'000'000;

const std::map<std::string, runtime::ContextMode> kContexts = {
    {"none", runtime::ContextMode::none},
    {"direct", runtime::ContextMode::direct},
    {"summary", runtime::ContextMode::summary}};

struct ChaosKillOptions {
  std::string config;  // file
  std::uint64_t kills = 100;
  std::optional<std::uint64_t> zombies;
  std::optional<std::uint64_t> jobs;
  std::string seed = "1";
  std::string outline = "config/demo/chronicle.md";
  int tokens = 18'000;
  std::string context = "none";
  std::string log;  // file
  bool json = false;
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

// The same job for the cluster and for `pecia write`.
Status add_job(const ChaosKillOptions& options, ClusterTrial& trial) {
  WriteOptions write;
  write.generation.tokens = options.tokens;
  write.generation.ignore_eos = true;
  const auto generation = plan_generation(write.generation);
  if (!generation) return generation.error();
  auto outline = read_text(options.outline);
  if (!outline) return outline.error();
  auto spec = make_spec(write, *generation, kContexts.at(options.context), options.outline,
                        std::move(*outline));
  if (!spec) return spec.error();
  trial.spec = *std::move(spec);
  trial.job_seed = generation->seed;
  trial.write_arguments = {
      "write",        "--outline", options.outline, "-n", fmt::format("{}", options.tokens),
      "--ignore-eos", "--context", options.context};
  return {};
}

Expected<ClusterTrial> plan_trial(const ChaosKillOptions& options) {
  const auto seed = resolve_seed(options.seed);
  if (!seed) return seed.error();
  ClusterTrial trial;
  trial.config = options.config;
  trial.seed = *seed;
  trial.log = options.log;
  const std::uint64_t zombies = options.zombies.value_or(options.kills / 3);
  if (options.kills + zombies == 0)
    return fail(ErrorKind::refuse, "--kills 0: then --zombies must be 1 or more");
  trial.wanted = {options.kills, zombies, zombies / 4};
  trial.jobs = options.jobs.value_or(std::max((options.kills + kKillsPerJob - 1) / kKillsPerJob,
                                              (zombies + kZombiesPerJob - 1) / kZombiesPerJob));
  if (const Status added = add_job(options, trial); !added) return added.error();
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
  if (!report.clean()) return report.failure.value_or("a job failed");
  if (report.jobs_done < report.jobs) return "a job is not done";
  const BlowCounts& counted = report.counted;
  if (counted.kills >= wanted.kills && counted.zombies >= wanted.zombies) return {};
  return fmt::format(
      "only {} of {} kills and {} of {} long stops met an open job; take a longer "
      "document",
      counted.kills, wanted.kills, counted.zombies, wanted.zombies);
}

nlohmann::ordered_json cluster_to_json(const ClusterReport& report) {
  const auto stalls = all_of(report.kill_stall_ms, report.stop_stall_ms);
  nlohmann::ordered_json object = {
      {"jobs", report.jobs},
      {"jobs_done", report.jobs_done},
      {"kills_by_role", report.kills_by_role},
      {"kills", report.counted.kills},
      {"zombies", report.counted.zombies},
      {"zombies_replaced", report.zombies_replaced},
      {"pauses", report.counted.pauses},
      {"not_counted", report.not_counted.sum()},
      {"lost_tokens", report.lost_tokens},
      {"doubled_tokens", report.doubled_tokens},
      {"differing_documents", report.differing_documents},
      {"taken_back", report.taken_back},
      {"hung_jobs", report.hung_jobs},
      {"failed_jobs", report.failed_jobs},
      {"failed_nodes", report.failed_nodes},
      {"undisturbed_s", report.undisturbed_s},
      {"tokens", report.document_tokens},
      {"bytes", report.document_bytes},
      {"sha256", report.sha256},
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
  std::string table =
      fmt::format("document             {} tokens, {} bytes, {:.1f} s undisturbed\n",
                  report.document_tokens, report.document_bytes, report.undisturbed_s);
  table += fmt::format("sha256               {}\n", report.sha256);
  table += fmt::format("jobs                 {} of {} done, {} hung, {} failed\n", report.jobs_done,
                       report.jobs, report.hung_jobs, report.failed_jobs);
  table += fmt::format("kills                {} ({})\n", report.counted.kills, roles);
  table += fmt::format("stops                {} long, {} replaced meanwhile; {} short\n",
                       report.counted.zombies, report.zombies_replaced, report.counted.pauses);
  table += fmt::format("blows not counted    {}\n", report.not_counted.sum());
  table += fmt::format("tokens               {} lost, {} doubled\n", report.lost_tokens,
                       report.doubled_tokens);
  table += fmt::format("differing documents  {}, of them {} taken back\n",
                       report.differing_documents, report.taken_back);
  table += fmt::format("failed nodes         {}\n", report.failed_nodes);
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
  parser->add_option("--config", options->config, "config of the cluster that is copied, in TOML")
      ->required()
      ->check(not_empty())
      ->type_name("FILE");
  parser->add_option("--kills", options->kills, "by SIGKILL, that meet an open job")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, kKillsMax));
  parser
      ->add_option("--zombies", options->zombies,
                   "stops by SIGSTOP for longer than protocol.silent_ms; a third of the kills by "
                   "default, and a quarter of them as many shorter ones")
      ->check(CLI::Range(std::uint64_t{0}, kKillsMax));
  parser
      ->add_option("--jobs", options->jobs,
                   "that share them; by default one for ten kills and for four zombies")
      ->check(CLI::Range(std::uint64_t{1}, kJobsMax));
  parser->add_option("-s,--seed", options->seed, "of moments and nodes, or random")
      ->capture_default_str();
  parser->add_option("--outline", options->outline, "of the document, in Markdown")
      ->capture_default_str()
      ->check(not_empty())
      ->type_name("FILE");
  parser->add_option("-n,--n-predict", options->tokens, "tokens of the document")
      ->capture_default_str()
      ->check(CLI::Range(1, kTokensMax));
  parser->add_option("--context", options->context, "what a slice knows: none, direct or summary")
      ->capture_default_str()
      ->check(CLI::IsMember(kContexts));
  parser->add_option("--log", options->log, "grows by every blow, and by how long each stalled")
      ->check(not_empty())
      ->type_name("FILE");
  add_json_flag(*parser, options->json);
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
