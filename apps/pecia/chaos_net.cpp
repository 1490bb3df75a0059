// pecia chaos net: a cluster whose links are cut, deaf on one side, late, lossy or slow must lose
// nothing, write nothing twice and change nothing.

#include "apps/pecia/chaos_net.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/pecia/chaos.hpp"
#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/config_options.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/stall_meter.hpp"
#include "apps/pecia/trial_options.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kFaultsMax = 100'000;
constexpr std::uint64_t kFaultsPerJob = 4;  // they last

struct ChaosNetOptions : TrialOptions {
  std::uint64_t faults = 100;
};

Expected<NetTrial> plan_trial(const ChaosNetOptions& options) {
  NetTrial trial;
  trial.wanted = share_faults(options.faults);
  trial.jobs = (options.faults + kFaultsPerJob - 1) / kFaultsPerJob;
  if (const Status planned = plan_jobs(options, trial); !planned) return planned.error();
  return trial;
}

std::string show_again(const ChaosNetOptions& options, const NetTrial& trial) {
  return fmt::format("again: pecia chaos net --faults {} {}", options.faults,
                     flags_again(options, trial));
}

Expected<int> skip(const ChaosNetOptions& options, const std::string& why, Output& out) {
  tell(printable("skipped: " + why));
  if (options.json) {
    if (const Status told = out.write_json({{"skipped", why}}); !told) return told.error();
  }
  return kExitDone;
}

Expected<runtime::ClusterConfig> read_config(const std::string& file) {
  auto read = open_cluster(file);
  if (!read) return read.error();
  const std::size_t nodes = read->cluster.nodes.size();
  if (nodes < kEndsMax) return std::move(read->cluster);
  return fail(ErrorKind::refuse, "{}: {} nodes; a trial of links has room for {} and its client",
              config_name(file), nodes, kEndsMax - 1);
}

Expected<NetReport> try_with_progress(const ChaosNetOptions& options, const NetTrial& trial,
                                      runtime::ClusterConfig config,
                                      const std::vector<TrialEnd>& ends) {
  watch_interrupts();
  Progress progress("failing links");
  progress.update(0, options.faults, "faults, first undisturbed");
  return try_links(trial, std::move(config), ends, [&](const NetReport& so_far) {
    progress.update(sum(so_far.counted), options.faults,
                    fmt::format("faults, job {}, {} done", so_far.jobs, so_far.jobs_done));
  });
}

Expected<int> execute(const ChaosNetOptions& options, Output& out) {
  const auto trial = plan_trial(options);
  if (!trial) return trial.error();
  auto config = read_config(trial->config);
  if (!config) return config.error();
  const auto ends = make_trial_network(config->nodes.size() + 1);
  if (!ends && ends.error().kind == ErrorKind::elsewhere)
    return skip(options, ends.error().message, out);
  if (!ends) return ends.error();
  const auto report = try_with_progress(options, *trial, *std::move(config), *ends);
  if (!report) return report.error();
  if (report->interrupted) {
    tell(fmt::format("interrupted after {} of {} faults", sum(report->counted), options.faults));
    return kExitInterrupted;
  }
  const Status told =
      options.json ? out.write_json(links_to_json(*report)) : out.write(links_to_text(*report));
  if (!told) return told.error();
  const std::string verdict = judge_links(*report, trial->wanted);
  if (verdict.empty()) return kExitDone;
  tell(printable(verdict));
  tell(printable(show_again(options, *trial)));
  return kExitFailed;
}

std::map<std::string, std::uint64_t> by_kind(const FaultCounts& counts) {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    named[std::string(kFaultWords[kind])] = counts[kind];
  return named;
}

std::string listed(const std::map<std::string, std::uint64_t>& counts) {
  std::string words;
  for (const auto& [name, count] : counts) {
    if (!words.empty()) words += ", ";
    words += fmt::format("{} {}", count, name);
  }
  return words;
}

}  // namespace

std::string judge_links(const NetReport& report, const FaultCounts& wanted) {
  if (std::string failed = judge_jobs(report); !failed.empty()) return failed;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (report.counted[kind] >= wanted[kind]) continue;
    return fmt::format("only {} of {} faults of kind {} met an open job; take a longer document",
                       report.counted[kind], wanted[kind], kFaultWords[kind]);
  }
  return {};
}

nlohmann::ordered_json links_to_json(const NetReport& report) {
  nlohmann::ordered_json object = {{"jobs", report.jobs},
                                   {"jobs_done", report.jobs_done},
                                   {"faults", sum(report.counted)},
                                   {"faults_by_kind", by_kind(report.counted)},
                                   {"faults_by_link", report.faults_by_link},
                                   {"not_counted", sum(report.not_counted)}};
  add_outcome(object, report);
  const nlohmann::ordered_json stalls = {{"stalls", report.stall_ms.size()},
                                         {"stall_ms_p50", quantile(report.stall_ms, 0.5)},
                                         {"stall_ms_p99", quantile(report.stall_ms, 0.99)},
                                         {"packets", report.packets.passed},
                                         {"packets_late", report.packets.waited},
                                         {"packets_lost", report.packets.lost}};
  object.update(stalls);
  if (report.failure) object["failure"] = *report.failure;
  return object;
}

std::string links_to_text(const NetReport& report) {
  std::string table = document_to_text(report);
  table += fmt::format("link faults          {} ({})\n", sum(report.counted),
                       listed(by_kind(report.counted)));
  table += fmt::format("between              {}\n", listed(report.faults_by_link));
  table += fmt::format("faults not counted   {}\n", sum(report.not_counted));
  table += outcome_to_text(report);
  table += fmt::format("packets              {}, of them {} late; {} lost\n", report.packets.passed,
                       report.packets.waited, report.packets.lost);
  table += fmt::format(
      "link of a worker     {:.0f} ms to the next token in the middle, {:.0f} ms in 99 of 100\n",
      quantile(report.stall_ms, 0.5), quantile(report.stall_ms, 0.99));
  return table;
}

Command add_chaos_net(CLI::App& root) {
  auto options = std::make_shared<ChaosNetOptions>();
  CLI::App* parser = chaos_group(root).add_subcommand(
      "net", "a cluster of real processes, whose links fail at random moments");
  parser
      ->add_option("--faults", options->faults,
                   "of links, that meet an open job; as many of each kind")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, kFaultsMax));
  add_trial_flags(*parser, *options, "one for four faults", "moments, links and faults");
  parser->footer(
      "Every node, and the client, lives in a network namespace of its own, and this program is "
      "the\n"
      "wire between them; its data is in a folder below TMPDIR. The document is written once by\n"
      "'pecia write' and once by the undisturbed cluster, which must agree. Then links fail at\n"
      "moments drawn uniformly over the undisturbed time, for 0.2 s up to eight times\n"
      "protocol.silent_ms, two at once at most: cut; deaf one way; late by 50 to 200 ms; losing 1 "
      "to\n"
      "20% of the packets; slow, 10 Mbit/s. Exit code 1: a document differs, a token is lost or\n"
      "doubled, a job hangs, a node ends by itself or not at SIGTERM, or too few faults met an "
      "open\n"
      "job; the folder with the logs of the nodes is kept and named.\n"
      "Where the rights for that are missing, one line says so, --json prints {\"skipped\": why},\n"
      "and the exit code is 0.\n"
      "A stall lasts from a fault between the coordinator and a worker that held something until\n"
      "each slice that had begun has a new durable token.\n"
      "\n"
      "Examples:\n"
      "  pecia chaos net --config config/local.toml --faults 100 --json\n"
      "  pecia chaos net --config config/two.toml --faults 20 --jobs 2 --context summary");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
