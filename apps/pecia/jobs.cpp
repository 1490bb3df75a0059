// pecia jobs, attach, cancel, drain: what a cluster is doing, from outside.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/cluster_job.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/local_time.hpp"
#include "pecia/job_id.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

struct JobsCommand {
  ClusterJob wanted;
  std::string target;  // the job or node as given
  std::uint64_t drain_ms = 30'000;
};

// -- jobs ----------------------------------------------------------------------------------------

// All jobs, page by page, and the nodes as the last page has them.
Expected<Overviewed> whole_overview(actors::Node& client) {
  Overviewed whole;
  for (;;) {
    auto answer = ask_cluster(client, Overview{whole.jobs.size()});
    if (!answer) return answer.error();
    auto& page = std::get<Overviewed>(*answer);
    const bool last = page.jobs.empty() || whole.jobs.size() + page.jobs.size() >= page.jobs_in_all;
    whole.jobs.insert(whole.jobs.end(), page.jobs.begin(), page.jobs.end());
    page.jobs = std::move(whole.jobs);
    whole = std::move(page);
    if (last) return whole;
  }
}

nlohmann::ordered_json to_json(const Overviewed& overview) {
  nlohmann::ordered_json object = {{"term", overview.term},
                                   {"jobs", nlohmann::ordered_json::array()},
                                   {"nodes", nlohmann::ordered_json::array()}};
  for (const JobRow& row : overview.jobs) {
    object["jobs"].push_back({{"job", to_string(row.job)},
                              {"state", name_of(row.state)},
                              {"opened_unix_ms", row.unix_ms},
                              {"tokens", row.tokens},
                              {"steps", row.steps},
                              {"steps_ended", row.steps_ended}});
  }
  for (const NodeRow& row : overview.nodes) {
    object["nodes"].push_back({{"node", row.node.node},
                               {"boot", fmt::format("{:016x}", row.node.boot)},
                               {"slots", row.slots},
                               {"held", row.held},
                               {"draining", row.draining},
                               {"silent_ms", row.silent_ms}});
  }
  return object;
}

std::string to_text(const Overviewed& overview) {
  std::string text = fmt::format("{:<32}  {:<9}  {:<19}  {:>9}  {}\n", "job", "state", "opened",
                                 "tokens", "steps");
  for (const JobRow& row : overview.jobs) {
    text += fmt::format("{:<32}  {:<9}  {:<19}  {:>9}  {} of {}\n", to_string(row.job),
                        name_of(row.state), local_time(row.unix_ms), row.tokens, row.steps_ended,
                        row.steps);
  }
  text += fmt::format("\n{:<32}  {:<9}  {}\n", "worker", "slots", "state");
  for (const NodeRow& row : overview.nodes) {
    text += fmt::format("{:<32}  {:<9}  {}\n", printable(row.node.node),
                        fmt::format("{} of {}", row.held, row.slots),
                        row.draining ? "draining" : "at work");
  }
  return text;
}

Expected<int> show_jobs(const JobsCommand& command, Output& out) {
  watch_interrupts();
  const auto client = join_as_client(command.wanted.cluster);
  if (!client) return client.error();
  const auto overview = whole_overview(**client);
  if (!overview && interrupted()) return kExitInterrupted;
  if (!overview) return overview.error();
  const Status written =
      command.wanted.json ? out.write_json(to_json(*overview)) : out.write(to_text(*overview));
  if (!written) return written.error();
  return kExitDone;
}

// -- attach, cancel, drain -----------------------------------------------------------------------

Expected<int> attach(JobsCommand command, Output& out) {
  const auto job = parse_job_id(command.target);
  if (!job) return fail(ErrorKind::refuse, "{}: {}", command.target, job.error().message);
  command.wanted.job = *job;
  return follow_cluster_job(command.wanted, std::nullopt, out);
}

Expected<int> cancel(const JobsCommand& command, Output& out) {
  const auto job = parse_job_id(command.target);
  if (!job) return fail(ErrorKind::refuse, "{}: {}", command.target, job.error().message);
  watch_interrupts();
  const auto client = join_as_client(command.wanted.cluster);
  if (!client) return client.error();
  const auto answer = ask_cluster(**client, Cancel{*job});
  if (!answer) return fail(answer.error().kind, "{}: {}", command.target, answer.error().message);
  const JobState state = std::get<Submitted>(*answer).state;
  const Status written =
      command.wanted.json
          ? out.write_json({{"job", to_string(*job)}, {"state", name_of(state)}})
          : out.write(fmt::format("job {} is {}\n", to_string(*job), name_of(state)));
  if (!written) return written.error();
  return kExitDone;
}

Expected<int> drain(const JobsCommand& command, Output& out) {
  watch_interrupts();
  const auto client = join_as_client(command.wanted.cluster);
  if (!client) return client.error();
  const auto answer = ask_cluster(**client, DrainNode{command.target, command.drain_ms});
  if (!answer) return fail(answer.error().kind, "{}: {}", command.target, answer.error().message);
  const Status written =
      out.write(fmt::format("{} takes no more orders and has {} ms to end what it holds\n",
                            command.target, command.drain_ms));
  if (!written) return written.error();
  return kExitDone;
}

// -- flags ---------------------------------------------------------------------------------------

CLI::App* add_command(CLI::App& root, const char* name, const char* help, JobsCommand& command) {
  CLI::App* parser = root.add_subcommand(name, help);
  parser->add_option("--cluster", command.wanted.cluster, "config of the cluster, in TOML")
      ->required()
      ->check(not_empty())
      ->type_name("FILE");
  return parser;
}

void add_job(CLI::App& parser, JobsCommand& command) {
  parser.add_option("job", command.target, "its id, or the word it was given")->required();
}

}  // namespace

Command add_jobs(CLI::App& root) {
  auto command = std::make_shared<JobsCommand>();
  CLI::App* parser = add_command(root, "jobs", "the jobs and workers of a cluster", *command);
  add_json_flag(*parser, command->wanted.json);
  return {parser, [command](Output& out) { return show_jobs(*command, out); }};
}

Command add_attach(CLI::App& root) {
  auto command = std::make_shared<JobsCommand>();
  CLI::App* parser =
      add_command(root, "attach", "read a job of a cluster, from its beginning or on", *command);
  add_job(*parser, *command);
  parser
      ->add_option("-o,--output", command->wanted.output,
                   "where the finished document appears, complete; stdout by default")
      ->check(not_empty())
      ->type_name("FILE");
  parser->add_option("--offset", command->wanted.offset,
                     "bytes of the document that are there already, and not wanted again");
  add_json_flag(*parser, command->wanted.json);
  return {parser, [command](Output& out) { return attach(*command, out); }};
}

Command add_cancel(CLI::App& root) {
  auto command = std::make_shared<JobsCommand>();
  CLI::App* parser = add_command(root, "cancel", "end a job of a cluster, as it is", *command);
  add_job(*parser, *command);
  add_json_flag(*parser, command->wanted.json);
  return {parser, [command](Output& out) { return cancel(*command, out); }};
}

Command add_drain(CLI::App& root) {
  auto command = std::make_shared<JobsCommand>();
  CLI::App* parser = add_command(
      root, "drain", "let a worker of a cluster end what it has, and take no more", *command);
  parser->add_option("node", command->target, "its name in the config")->required();
  parser
      ->add_option("--deadline-ms", command->drain_ms,
                   "until what it still holds is placed elsewhere")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{86'400'000}))
      ->capture_default_str();
  return {parser, [command](Output& out) { return drain(*command, out); }};
}

}  // namespace pecia::apps
