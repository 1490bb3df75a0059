// pecia chaos write: the real writer, killed at any moment, must lose nothing and change nothing.

#include "apps/pecia/chaos_write.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/pecia/bandwidth.hpp"
#include "apps/pecia/chaos.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/seed.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::uint64_t kKillsMax = 100'000;
constexpr std::uint64_t kJobsMax = 10'000;

struct ChaosWriteOptions {
  KillTrial trial;
  std::string seed = "1";
  bool json = false;
};

struct ReservedFlag {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kToStdout = "the document has to come to stdout as it grows";
constexpr std::array kReserved = {
    ReservedFlag{"--job-dir", "every job gets a fresh folder"},
    ReservedFlag{"-o", kToStdout},
    ReservedFlag{"--output", kToStdout},
    ReservedFlag{"--json", kToStdout},
};

// As CLI11 reads it: "--name", "--name=value", "-n" and "-nvalue".
bool is_flag(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return false;
  const bool is_short = name.size() == 2;
  return word.size() == name.size() || is_short || word[name.size()] == '=';
}

double longest(const std::vector<double>& seconds) {
  return seconds.empty() ? 0 : *std::max_element(seconds.begin(), seconds.end());
}

double middle(const std::vector<double>& seconds) { return seconds.empty() ? 0 : median(seconds); }

void show(Progress& progress, const KillTrial& trial, const KillReport& so_far) {
  progress.update(so_far.kills, trial.kills,
                  fmt::format("kills, {} more not counted, job {}, {} failures",
                              so_far.kills_not_counted, so_far.jobs,
                              so_far.different_documents + so_far.taken_back + so_far.failed_runs));
}

Expected<int> execute(const ChaosWriteOptions& options, Output& out) {
  if (const Status fits = check_write_flags(options.trial.arguments); !fits) return fits.error();
  const auto seed = resolve_seed(options.seed);
  if (!seed) return seed.error();
  KillTrial trial = options.trial;
  trial.seed = *seed;
  trial.arguments.insert(trial.arguments.begin(), "write");
  watch_interrupts();
  Progress progress("killing");
  progress.update(0, trial.kills, "kills, first one run undisturbed");
  const auto report =
      try_kills(trial, [&](const KillReport& so_far) { show(progress, trial, so_far); });
  progress.end();
  if (!report) return report.error();
  if (report->interrupted) {
    tell(fmt::format("interrupted after {} of {} kills", report->kills, trial.kills));
    return kExitInterrupted;
  }
  const Status told =
      options.json ? out.write_json(kills_to_json(*report)) : out.write(kills_to_text(*report));
  if (!told) return told.error();
  const KillVerdict verdict = judge_kills(*report, trial.kills);
  if (verdict.held) return kExitDone;
  tell(verdict.line);
  return kExitFailed;
}

}  // namespace

Status check_write_flags(const std::vector<std::string>& flags) {
  for (const std::string& word : flags) {
    for (const ReservedFlag& reserved : kReserved) {
      if (!is_flag(word, reserved.name)) continue;
      return fail(ErrorKind::refuse, "chaos write: {}: {}; leave {} out", printable(word),
                  reserved.reason, reserved.name);
    }
  }
  return {};
}

KillVerdict judge_kills(const KillReport& report, std::uint64_t wanted) {
  if (!report.clean()) return {false, report.failure.value_or("a run failed")};
  if (report.kills < wanted) {
    return {false, fmt::format("only {} of {} kills met an open job, {} did not; take a longer "
                               "document",
                               report.kills, wanted, report.kills_not_counted)};
  }
  return {true, {}};
}

nlohmann::ordered_json kills_to_json(const KillReport& report) {
  nlohmann::ordered_json object = {{"kills", report.kills},
                                   {"kills_not_counted", report.kills_not_counted},
                                   {"jobs", report.jobs},
                                   {"undisturbed_s", report.undisturbed_s},
                                   {"bytes", report.document_bytes},
                                   {"sha256", report.sha256},
                                   {"different_documents", report.different_documents},
                                   {"taken_back", report.taken_back},
                                   {"failed_runs", report.failed_runs},
                                   {"resumes", report.resume_s.size()},
                                   {"resume_median_s", middle(report.resume_s)},
                                   {"resume_max_s", longest(report.resume_s)}};
  if (report.failure) object["failure"] = *report.failure;
  return object;
}

std::string kills_to_text(const KillReport& report) {
  std::string table = fmt::format("document             {} bytes, {:.1f} s undisturbed\n",
                                  report.document_bytes, report.undisturbed_s);
  table += fmt::format("sha256               {}\n", report.sha256);
  table += fmt::format("kills                {} in {} jobs, {} more not counted\n", report.kills,
                       report.jobs, report.kills_not_counted);
  table += fmt::format("different documents  {}\n", report.different_documents);
  table += fmt::format("taken back           {}\n", report.taken_back);
  table += fmt::format("failed runs          {}\n", report.failed_runs);
  table += fmt::format("restart to new text  {:.3f} s in the middle, {:.3f} s at most\n",
                       middle(report.resume_s), longest(report.resume_s));
  return table;
}

Command add_chaos_write(CLI::App& root) {
  auto options = std::make_shared<ChaosWriteOptions>();
  CLI::App* parser = chaos_group(root).add_subcommand(
      "write", "'pecia write', killed at random moments and started again");
  parser->add_option("--kills", options->trial.kills, "that meet an open job")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, kKillsMax));
  parser->add_option("--jobs", options->trial.jobs, "that share them, each in a fresh folder")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, kJobsMax));
  parser->add_option("-s,--seed", options->seed, "of the moments, or random")
      ->capture_default_str();
  add_json_flag(*parser, options->json);
  parser->add_option("flags", options->trial.arguments, "of 'pecia write', behind --")
      ->required()
      ->type_name("FLAGS");
  parser->footer(
      "The document is written once undisturbed. Then jobs in folders of their own below TMPDIR\n"
      "are killed by SIGKILL at moments drawn uniformly over that time, and started again until\n"
      "they end. Each run must print a beginning of the undisturbed document, the last one all\n"
      "of it. Exit code 1: one did not, or too few kills met an open job; the folder of the first\n"
      "failure is kept and named.\n"
      "\n"
      "Examples:\n"
      "  pecia chaos write -- --outline config/demo/chronicle.md -n 20000 --ignore-eos\n"
      "  pecia chaos write --kills 20 --jobs 2 --json -- --outline book.md -n 4000");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
