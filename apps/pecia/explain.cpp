// pecia explain: what happened to a job, in order, from the journal's records. Of a cluster its
// coordinator tells; of a job directory the journal in it, when nobody writes there.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "actors/coordinator/explain_core.hpp"
#include "apps/pecia/cluster_client.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/explain_text.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "pecia/document_job.hpp"
#include "pecia/job_id.hpp"
#include "runtime/journal/sqlite_journal.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

struct ExplainCommand {
  std::string target;  // the job as given; of a job directory also none
  std::string cluster, job_dir;
  bool json = false;
};

// All rows, page by page. Those that come while we ask are told as far as they came.
template <class AskPage>
Expected<Explained> whole_story(const JobId& job, AskPage ask_page) {
  Explained whole;
  for (;;) {
    auto page = ask_page(Explain{job, whole.rows.size()});
    if (!page) return page.error();
    const bool last =
        page->rows.empty() || whole.rows.size() + page->rows.size() >= page->rows_in_all;
    whole.rows.insert(whole.rows.end(), page->rows.begin(), page->rows.end());
    page->rows = std::move(whole.rows);
    whole = *std::move(page);
    if (last) return whole;
  }
}

Expected<Explained> from_cluster(const ExplainCommand& command, const JobId& job) {
  const auto client = join_as_client(command.cluster);
  if (!client) return client.error();
  return whole_story(job, [&](const Explain& asked) -> Expected<Explained> {
    auto answer = ask_cluster(**client, asked);
    if (!answer) return fail(answer.error().kind, "{}: {}", command.target, answer.error().message);
    return std::get<Explained>(*std::move(answer));
  });
}

Expected<Explained> from_folder(const ExplainCommand& command, const JobId& job) {
  const std::string path = command.job_dir + "/journal.sqlite";
  if (::access(path.c_str(), R_OK) != 0)
    return fail(ErrorKind::refuse, "{}: no journal there; give the --job-dir of a pecia write",
                command.job_dir);
  const RecordCodec codec{[](const Record& record) { return encode(record); }, decode_record};
  auto journal = SqliteJournal::open(path, codec);
  if (!journal) return journal.error();
  const auto records = (*journal)->read();
  if (!records) return records.error();
  actors::ExplainCore story;
  for (const Record& record : *records) story.follow(record);
  if (!story.knows(job)) return fail(ErrorKind::refuse, "{}: no such job in it", path);
  const JobState state = story.state_of(job);
  const char* why = is_end(state) ? "" : "nobody is at work on it";
  return whole_story(job, [&](const Explain& asked) -> Expected<Explained> {
    return story.explained(asked, state, why);
  });
}

Expected<int> explain(const ExplainCommand& command, Output& out) {
  if (command.cluster.empty() == command.job_dir.empty())
    return fail(ErrorKind::refuse, "explain needs one of --cluster and --job-dir");
  if (command.target.empty() && command.job_dir.empty())
    return fail(ErrorKind::refuse, "explain needs a job; 'pecia jobs' lists them");
  JobId job = DocumentJob::job_of_folder();
  if (!command.target.empty()) {
    const auto parsed = parse_job_id(command.target);
    if (!parsed) return fail(ErrorKind::refuse, "{}: {}", command.target, parsed.error().message);
    job = *parsed;
  }
  watch_interrupts();
  const auto story =
      command.cluster.empty() ? from_folder(command, job) : from_cluster(command, job);
  if (!story && interrupted()) return kExitInterrupted;
  if (!story) return story.error();
  const Status written =
      command.json ? out.write_json(explain_json(*story)) : out.write(explain_text(*story));
  if (!written) return written.error();
  return kExitDone;
}

}  // namespace

Command add_explain(CLI::App& root) {
  auto command = std::make_shared<ExplainCommand>();
  CLI::App* parser =
      root.add_subcommand("explain", "what happened to a job, in order, from its journal");
  parser->add_option("job", command->target, "its id, or the word it was given");
  parser->add_option("--cluster", command->cluster, "config of the cluster, in TOML")
      ->check(not_empty())
      ->type_name("FILE");
  parser
      ->add_option("--job-dir", command->job_dir,
                   "of a pecia write that is not running; its one job is meant where none is named")
      ->check(not_empty())
      ->type_name("DIR");
  add_json_flag(*parser, command->json);
  return {parser, [command](Output& out) { return explain(*command, out); }};
}

}  // namespace pecia::apps
