// pecia run: one prompt, one continuation, streamed.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/generate.hpp"
#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/speed_report.hpp"
#include "kernels/text/shown_text.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr char kPath[] = "0";  // PROTOCOL "Philox": the path of a plain run

struct RunOptions {
  GenerationOptions generation;
  PromptOptions prompt;
  bool no_echo = false;
};

struct Written {
  std::string text;  // as shown
  std::vector<TokenId> ids;
  EndReason end = EndReason::length;
  Course course = Course::finished;
  StepTimes times;
};

// An empty prompt is the beginning-of-text token alone.
Expected<std::vector<TokenId>> prompt_tokens(const Tokenizer& tokenizer,
                                             const std::string& prompt) {
  std::vector<TokenId> tokens = tokenizer.encode(prompt, {.add_bos = true, .parse_special = true});
  if (tokens.empty() && tokenizer.bos() >= 0) tokens.push_back(tokenizer.bos());
  if (!tokens.empty()) return tokens;
  return fail(ErrorKind::refuse,
              "-p '': empty, and the model has no token to begin with; give a text");
}

// Tokens to write behind the prompt: as asked, or where -n is open as many as the context holds.
// Without -c the context is what -n needs, even beyond the trained one.
Expected<int> tokens_to_write(const GenerationPlan& plan, int asked_context, int trained_context,
                              std::size_t prompt) {
  if (plan.tokens && asked_context == 0) return *plan.tokens;
  const int context = asked_context > 0 ? asked_context : trained_context;
  if (prompt >= static_cast<std::size_t>(context)) {
    return fail(ErrorKind::refuse,
                "the prompt has {} tokens, the context {}; shorten it or raise -c", prompt,
                context);
  }
  const int room = context - static_cast<int>(prompt);
  if (!plan.tokens) return room;
  if (*plan.tokens <= room) return *plan.tokens;
  return fail(ErrorKind::refuse,
              "{} prompt tokens and {} to write are more than the context of {}; lower -n or raise "
              "-c",
              prompt, *plan.tokens, context);
}

// Streams to `out` unless the text goes into one JSON object at the end.
class Streamer {
 public:
  Streamer(const Tokenizer& tokenizer, const RunOptions& options, const std::string& prompt,
           Output& out)
      : visible_(tokenizer, prompt.empty(), options.generation.stop),
        echo_(options.no_echo ? std::string() : prompt),
        out_(out),
        silent_(options.generation.json) {}

  Status take(const TokenEvent& event) {
    written_.ids.push_back(event.id);
    if (event.end) written_.end = *event.end;
    return show(visible_.push(event.id));
  }
  Status finish() { return show(visible_.finish()); }
  Written& written() { return written_; }

 private:
  // The prompt goes out with the first text, so that a run that is refused leaves stdout empty.
  Status show(const std::string& text) {
    written_.text += text;
    return silent_ ? Status() : out_.write(std::exchange(echo_, {}) + text);
  }

  ShownText visible_;
  std::string echo_;
  Output& out_;
  bool silent_;
  Written written_;
};

Status generate(const Session& session, Engine& engine, Request request, Streamer& streamer,
                Progress& progress) {
  Written& written = streamer.written();
  const auto total = static_cast<std::uint64_t>(request.tokens_max);
  if (total > 0) {
    if (const auto added = engine.add(std::move(request)); !added) return added.error();
  }
  const auto course = run_engine(
      session, engine,
      [&](const StepResult& result) -> Status {
        for (const TokenEvent& event : result.tokens) {
          if (Status shown = streamer.take(event); !shown) return shown;
        }
        progress.update(written.ids.size(), total, "tokens");
        return {};
      },
      written.times);
  if (!course) return course.error();
  written.course = *course;
  return streamer.finish();
}

Status report(const RunOptions& options, const std::string& prompt, const GenerationPlan& plan,
              const Session& session, const Written& written, Output& out) {
  if (!options.generation.json) {
    if (Status ended = out.write("\n"); !ended) return ended;
  } else {
    nlohmann::ordered_json object = {{"prompt", prompt},
                                     {"text", written.text},
                                     {"ids", written.ids},
                                     {"end", name_of(written.end)},
                                     {"seed", plan.seed}};
    object.update(to_json(speeds_of(written.times, session.model->matrix_bytes())));
    if (Status printed = out.write_json(object); !printed) return printed;
  }
  report_speed(session, written.times, options.generation.verbose);
  return {};
}

Expected<int> execute(const RunOptions& options, Output& out) {
  const auto plan = plan_generation(options.generation);
  if (!plan) return plan.error();
  const auto prompt = read_prompt(options.prompt);
  if (!prompt) return prompt.error();
  watch_interrupts();
  const auto session = open_session(compute_of(options.generation));
  if (!session) return session.error();
  auto tokens = prompt_tokens(*session->tokenizer, *prompt);
  if (!tokens) return tokens.error();
  const auto room = tokens_to_write(*plan, options.generation.context,
                                    session->model->params().context, tokens->size());
  if (!room) return room.error();
  const int context = static_cast<int>(tokens->size()) + *room;
  if (const Status fits = check_context(*session, context); !fits) return fits.error();

  Engine engine(session->model, session->tokenizer, *session->pool, session->isa,
                engine_options(context, 1, options.generation.chunk));
  Streamer streamer(*session->tokenizer, options, *prompt, out);
  {
    Progress progress("writing", out.is_terminal());
    Request request = make_request(*plan, options.generation, std::move(*tokens), *room, kPath);
    const Status done = generate(*session, engine, std::move(request), streamer, progress);
    if (!done) return done.error();
  }
  const Written& written = streamer.written();
  const Status reported = report(options, *prompt, *plan, *session, written, out);
  if (!reported) return reported.error();
  return written.course == Course::interrupted ? kExitInterrupted : kExitDone;
}

}  // namespace

Command add_run(CLI::App& root) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* parser = root.add_subcommand("run", "continue a prompt; the text streams to stdout");
  add_generation_flags(*parser, options->generation,
                       "tokens to write; -1 (default): until the text ends or the context is full");
  add_prompt_flags(*parser, options->prompt, "text to continue; empty: begin from nothing");
  parser->add_flag("--no-echo", options->no_echo, "print the continuation without the prompt");
  parser->footer(
      "Stdout holds the prompt and its continuation. The same flags give the same bytes, always:\n"
      "threads, chunk and PECIA_CPU change the speed alone.\n"
      "\n"
      "Examples:\n"
      "  pecia run -m model.gguf -p 'Once upon a time' -n 200\n"
      "  pecia run -m model.gguf -p '' -n 200 --temp 0        most likely text, no prompt\n"
      "  pecia run -m model.gguf -f prompt.txt -s random --stop '\\n\\n'\n"
      "  PECIA_CPU=portable pecia run -m model.gguf -p Hello  slower, same text");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
