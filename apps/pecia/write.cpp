// pecia write: a document from an outline. Its sections are slices, written by the workers of a
// node that lives as long as the command, and merged in order; the job outlives it in its journal.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "actors/clock_and_chance.hpp"
#include "actors/node/node.hpp"
#include "apps/pecia/cluster_job.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/config_options.hpp"
#include "apps/pecia/document_file.hpp"
#include "apps/pecia/file_roles.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/job_folder.hpp"
#include "apps/pecia/metered_generator.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/speed_report.hpp"
#include "apps/pecia/write_plan.hpp"
#include "pecia/cluster_source.hpp"
#include "pecia/document_job.hpp"
#include "pecia/job_id.hpp"
#include "pecia/page_check.hpp"
#include "pecia/session_generator.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

const std::set<std::string> kOfOneProcess = {
    "--model",     "--threads", "--ctx-size",        "--chunk",    "--job-dir", "--workers",
    "--batch-max", "--cache",   "--cache-bytes-max", "--balancer", "--verbose"};

struct WriteCommand {
  WriteOptions what;
  ConfigFlags config;
  std::string outline;  // file
  std::string output;   // empty: stdout
  std::string job_dir;  // empty: a temporary one
  std::string cluster;  // its config file; empty: a node of this process
  std::string job;      // id or word; empty: drawn
};

// -- the node ------------------------------------------------------------------------------------

// Every worker has its share of the threads, and at least one.
Expected<std::unique_ptr<actors::Generator>> make_worker(const Session& session,
                                                         const WriteOptions& options,
                                                         const runtime::WriteOptions& node,
                                                         int context, StepMeter& meter) {
  EngineOptions engine = engine_options(context, node.batch_max, options.generation.chunk);
  engine.prefix_cache = node.cache != runtime::CacheMode::off;
  auto generator = make_generator(session, std::max(1, session.pool->threads() / node.workers),
                                  std::move(engine));
  if (!generator) return generator.error();
  return metered(*std::move(generator), meter);
}

runtime::Submit make_submit(const Session& session, const runtime::JobSpec& spec,
                            std::uint64_t seed) {
  runtime::Submit submit;
  submit.spec = runtime::encode(spec);
  submit.seed = seed;
  const actors::GeneratorIdentity identity = identity_of(session);
  submit.model = identity.model;
  submit.numerics = identity.numerics;
  submit.unix_ms = actors::unix_ms();
  return submit;
}

// -- the client ----------------------------------------------------------------------------------

class Writing {
 public:
  Writing(const WriteCommand& command, const actors::JobPlan& plan, const Session& session,
          Output& out)
      : command_(command),
        plan_(plan),
        session_(session),
        out_(out),
        streams_(command.output.empty() && !command.what.generation.json),
        total_(tokens_asked(plan)),
        progress_("writing", streams_ && out.is_terminal()) {}

  Expected<Course> write(const runtime::Config& config, const JobFolder& folder,
                         runtime::Submit submit, int context) {
    const auto generator = [this, &config, context](int) {
      return make_worker(session_, command_.what, config.write, context, meter_);
    };
    auto node = actors::Node::start(
        {config, actors::DocumentsPart{folder.journal(), session_.tokenizer, {}},
         actors::ComputePart{generator, is_page_of}});
    if (!node) return node.error();
    DocumentJob job(**node, interrupted);
    const auto met = job.submit(std::move(submit), reader());
    if (!met) return fail(met.error().kind, "{}: {}", folder.path(), met.error().message);
    if (!*met) return Course::interrupted;
    if (const Status told = tell_met(**met, job, folder); !told) return told.error();
    // Only now: a command that is refused does nothing to the job that it met.
    if (!is_end((*met)->state)) (*node)->start_workers();
    auto course = job.read(reader());
    progress_.end();
    if (!course) return course.error();
    auto view = job.view();
    if (!view) return view.error();
    view_ = *std::move(view);
    document_ = job.document();
    return course;
  }

  // What Ctrl-C leaves: text that streamed is there, a job with a folder can go on, anything else
  // is gone, and that is said.
  void tell_interrupted(const JobFolder& folder) const {
    const std::string done =
        fmt::format("interrupted after {} of {} tokens", tokens_of(view_), total_);
    if (!folder.is_temporary())
      return tell(fmt::format("{}; the same command goes on with it", done));
    if (streams_) return;
    tell(fmt::format(
        "{}; nothing was {}", done,
        command_.output.empty() ? "printed" : "stored in " + printable(command_.output)));
  }

  Status report(std::uint64_t seed) {
    const StepTimes times = meter_.times();
    if (command_.what.generation.json) {
      if (Status printed = out_.write_json(summary(seed, times)); !printed) return printed;
    }
    report_speed(session_, times, command_.what.generation.verbose);
    return {};
  }

  const std::string& document() const { return document_; }

 private:
  Status tell_met(const DocumentJob::Met& met, DocumentJob& job, const JobFolder& folder) {
    if (!met.known) return {};
    const auto view = job.view();
    if (!view) return view.error();
    const std::string where = printable(folder.path());
    if (met.state == runtime::JobState::done) {
      tell(fmt::format("{}: the job is finished; this is its document", where));
    } else if (!is_end(met.state)) {
      tell(fmt::format("{}: going on with the job, of which {} of {} tokens are written", where,
                       tokens_of(*view), total_));
    }
    return {};
  }

  DocumentJob::Reader reader() {
    return {
        .take = [this](std::string_view text) { return streams_ ? out_.write(text) : Status(); },
        .watch =
            [this](const runtime::Viewed& view) {
              progress_.update(
                  tokens_of(view), total_,
                  fmt::format("tokens, {} of {} slices done", slices_ended(view), plan_.slices()));
            },
        .stalled =
            [](std::string_view why) {
              tell(fmt::format("waiting for storage: {}", printable(std::string(why))));
            },
    };
  }

  nlohmann::ordered_json summary(std::uint64_t seed, const StepTimes& times) const {
    nlohmann::ordered_json slices = nlohmann::ordered_json::array();
    for (std::size_t k = 0; k < plan_.slices(); ++k) {
      const runtime::SliceView& slice = view_.slices[k];
      slices.push_back({{"heading", plan_.outline().sections[k].heading},
                        {"tokens", slice.tokens},
                        {"end", runtime::name_of(slice.end.value())}});
    }
    nlohmann::ordered_json object = {{"tokens", tokens_of(view_)}, {"seed", seed}};
    object["slices"] = std::move(slices);
    if (command_.output.empty()) {
      object["document"] = document_;
    } else {
      object["output"] = command_.output;
    }
    object.update(to_json(speeds_of(times, session_.model->matrix_bytes())));
    return object;
  }

  const WriteCommand& command_;
  const actors::JobPlan& plan_;
  const Session& session_;
  Output& out_;
  const bool streams_;
  const std::uint64_t total_;  // tokens asked for
  Progress progress_;
  StepMeter meter_;
  runtime::Viewed view_;
  std::string document_;
};

Expected<int> dump(const runtime::LayeredConfig& config, Output& out) {
  const Status written = out.write(runtime::dump_config(config));
  if (!written) return written.error();
  return kExitDone;
}

// The model, its numerics and who works are the cluster's.
Expected<int> write_on_cluster(const WriteCommand& command, const runtime::JobSpec& spec,
                               std::uint64_t seed, Output& out) {
  const auto job = command.job.empty() ? random_job_id() : parse_job_id(command.job);
  if (!job) return fail(ErrorKind::refuse, "--job {}: {}", command.job, job.error().message);
  runtime::Submit submit;
  submit.job = *job;
  submit.spec = runtime::encode(spec);
  submit.seed = seed;
  submit.unix_ms = actors::unix_ms();
  if (command.job.empty()) tell(fmt::format("job {}", to_string(*job)));
  return follow_cluster_job(
      {command.cluster, *job, command.output, command.what.generation.json, 0}, std::move(submit),
      out);
}

// What a cluster has of its own, or a command without one does not know.
Status check_cluster_flags(const CLI::App& parser, const WriteCommand& command) {
  const bool clustered = !command.cluster.empty();
  for (const CLI::Option* option : parser.get_options()) {
    if (option->count() == 0) continue;
    const std::string name = option->get_name();
    if (clustered && kOfOneProcess.contains(name))
      return fail(ErrorKind::refuse, "{}: with --cluster that is the cluster's own; leave it out",
                  name);
    if (!clustered && name == "--job")
      return fail(ErrorKind::refuse, "--job: names a job of a cluster; give --cluster too");
  }
  return {};
}

Expected<int> execute(WriteCommand command, Output& out) {
  const auto config = effective_config(command.config, process_environment());
  if (!config) return config.error();
  if (command.config.dump) return dump(*config, out);
  if (command.output == "-") command.output.clear();  // stdout, as --outline - is stdin
  const auto generation = plan_generation(command.what.generation);
  if (!generation) return generation.error();
  const Status roles = check_file_roles({{"--outline", command.outline},
                                         {"-m", command.what.generation.compute.model},
                                         {"--config", command.config.file}},
                                        {{"-o", command.output}});
  if (!roles) return roles.error();
  auto outline = read_text(command.outline);
  if (!outline) return outline.error();
  const auto spec = make_spec(command.what, *generation, config->config().write.context,
                              command.outline, std::move(*outline));
  if (!spec) return spec.error();
  if (!command.cluster.empty()) return write_on_cluster(command, *spec, generation->seed, out);
  watch_interrupts();
  auto file = DocumentFile::open(command.output);
  if (!file && interrupted()) return kExitInterrupted;  // while a pipe had no reader
  if (!file) return file.error();
  const auto session = open_session(compute_of(command.what.generation));
  if (!session) return session.error();
  tell_unknown_template(command.what, *session->tokenizer);
  const auto plan = actors::JobPlan::create(*spec, session->tokenizer);
  if (!plan) return fail(plan.error().kind, "{}: {}", command.outline, plan.error().message);
  const auto context = longest_slice(*plan, command.what);
  if (!context) return context.error();
  if (const Status fits = check_context(*session, *context); !fits) return fits.error();
  const auto folder = JobFolder::open(command.job_dir);
  if (!folder) return folder.error();

  Writing writing(command, *plan, *session, out);
  const auto course = writing.write(config->config(), *folder,
                                    make_submit(*session, *spec, generation->seed), *context);
  if (!course) return course.error();
  if (*course == Course::interrupted) {
    writing.tell_interrupted(*folder);
    return kExitInterrupted;
  }
  const Status stored = file->store(writing.document(), command.what.generation.json, out);
  if (!stored) return stored.error();
  if (const Status told = writing.report(generation->seed); !told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_write(CLI::App& root) {
  auto command = std::make_shared<WriteCommand>();
  CLI::App* parser =
      root.add_subcommand("write", "a document from an outline, its sections written in parallel");
  add_generation_flags(*parser, command->what.generation,
                       "tokens of the whole document, shared over its sections; -1 (default): 256 "
                       "a section");
  parser->add_option("--outline", command->outline, "Markdown file; every heading is one slice")
      ->required()
      ->type_name("FILE");
  parser
      ->add_option("-o,--output", command->output,
                   "where the finished document appears, complete; stdout by default")
      ->check(not_empty())
      ->type_name("FILE");
  parser
      ->add_option("--job-dir", command->job_dir,
                   "folder where the job lives: the same command goes on with it, whatever ended "
                   "the one before; without it a job ends with its command")
      ->check(not_empty())
      ->type_name("DIR");
  parser
      ->add_option("--cluster", command->cluster,
                   "config of a cluster whose workers write it; Ctrl-C leaves the job to them")
      ->check(not_empty())
      ->type_name("FILE");
  parser
      ->add_option(
          "--job", command->job,
          "with --cluster: the job's id (32 hex digits) or a word for it, by which the same "
          "command again is the same job; drawn by default")
      ->check(not_empty());
  parser->add_flag("--no-chat-template", command->what.no_chat_template,
                   "prompt a model that has a chat template as one that has none");
  parser->add_flag("--one-stream", command->what.one_stream,
                   "preamble and first heading as the only prompt: the model writes all the rest, "
                   "headings too, in one go");
  add_config_flags(*parser, command->config);
  parser->footer(
      "Text before the first heading is the preamble. Every slice is written from the preamble, "
      "the\n"
      "full outline and its own heading, as a user's message where the model has a chat template;\n"
      "with --context it also knows of what was written before it. Without -o the text streams in\n"
      "document order. The same flags give the same bytes, always, and a job that was killed goes\n"
      "on to the same bytes: give it a --job-dir and start it again.\n"
      "\n"
      "Examples:\n"
      "  pecia write --outline config/demo/chronicle.md -n 2400\n"
      "  pecia write -m model.gguf --outline book.md -n 4000 --job-dir book.job -o book-full.md\n"
      "  pecia write -m model.gguf --outline notes.md --temp 0 | less\n"
      "  pecia write --cluster config/local.toml --outline book.md --job book -o book-full.md\n"
      "  printf '# One\\n# Two\\n' | pecia write -m model.gguf --outline -");
  return {parser, [command, parser](Output& out) -> Expected<int> {
            const Status fits = check_cluster_flags(*parser, *command);
            if (!fits) return fits.error();
            return execute(*command, out);
          }};
}

}  // namespace pecia::apps
