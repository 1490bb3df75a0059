// pecia chat: a conversation, turn by turn, on a terminal or through pipes.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/pecia/chat_input.hpp"
#include "apps/pecia/chat_lines.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/generate.hpp"
#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/speed_report.hpp"
#include "kernels/text/chat_template.hpp"
#include "kernels/text/conversation.hpp"
#include "kernels/text/shown_text.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kInterruptsToLeave =
    2;  // at an empty prompt, the one that stopped an answer included
constexpr std::string_view kHelp =
    "/reset         forget the conversation\n"
    "/system TEXT   begin anew with TEXT as the system message; without TEXT with the model's own\n"
    "/exit          leave; Ctrl-D does too\n"
    "A line that ends in \\ goes on in the next; \"\"\" alone begins and ends a message of many "
    "lines.\n"
    "Ctrl-C stops an answer. //text sends a message that begins with a slash.\n";

struct ChatOptions {
  GenerationOptions generation;
  std::string system;
};

struct Answer {
  std::string text;
  std::vector<TokenId> ids;
  EndReason end = EndReason::length;
  bool stopped = false;  // by Ctrl-C
};

class Chat {
 public:
  Chat(const ChatOptions& options, const GenerationPlan& plan, const Session& session,
       Conversation conversation, ChatLines& lines, int context, Output& out)
      : options_(options),
        plan_(plan),
        session_(session),
        talk_(std::move(conversation)),
        lines_(lines),
        context_(context),
        out_(out),
        engine_(session.model, session.tokenizer, *session.pool, session.isa,
                engine_options(context, 1, options.generation.chunk)) {}

  Expected<int> run() {
    greet();
    int interrupts = 0;
    while (true) {
      prompt();
      std::string line;
      const auto event = lines_.wait(line);
      if (!event) return event.error();
      if (*event == ChatLines::Event::interrupt) {
        const bool empty = !input_.is_open();
        input_.clear();
        decorate("\n");
        if (!lines_.from_terminal()) return kExitInterrupted;
        if (empty && ++interrupts >= kInterruptsToLeave) return kExitInterrupted;
        continue;
      }
      const bool ends = *event == ChatLines::Event::end;
      if (ends) decorate("\n");
      const auto request = ends                                   ? input_.finish()
                           : *event == ChatLines::Event::too_long ? input_.push_too_long()
                                                                  : input_.push(line);
      if (request && request->kind == ChatRequest::Kind::leave) return kExitDone;
      if (request) {
        const auto interrupted = serve(*request);
        if (!interrupted) return interrupted.error();
        interrupts = *interrupted ? 1 : 0;
        if (*interrupted && !lines_.from_terminal()) return kExitInterrupted;
      }
      if (ends) return kExitDone;
    }
  }

  Status report() const {
    if (options_.generation.json) {
      nlohmann::ordered_json object = {{"seed", plan_.seed}, {"answers", answers_}};
      object.update(to_json(speeds_of(times_, session_.model->matrix_bytes())));
      if (Status printed = out_.write_json(object); !printed) return printed;
    }
    const bool verbose = options_.generation.verbose;
    if (answers_given_ == 0 || (!verbose && !stderr_is_terminal())) return {};
    const EngineStats stats = engine_.stats();
    tell(fmt::format("{} answer{}; of {} prompt tokens {} were known from the turns before",
                     answers_given_, answers_given_ == 1 ? "" : "s",
                     stats.prompt_tokens + stats.prompt_tokens_reused, stats.prompt_tokens_reused));
    report_speed(session_, times_, verbose);
    return {};
  }

 private:
  // What only a person at a terminal sees.
  void decorate(std::string_view text) const {
    if (lines_.from_terminal()) write_stderr(text);
  }
  void greet() const {
    if (!lines_.from_terminal()) return;
    tell(fmt::format("{}: {} format, {} tokens of context; /help tells the commands",
                     printable(session_.model_path), name_of(talk_.format().family()), context_));
  }
  void prompt() const { decorate(input_.is_open() ? "... " : "> "); }

  // Whether Ctrl-C stopped an answer.
  Expected<bool> serve(const ChatRequest& request) {
    switch (request.kind) {
      case ChatRequest::Kind::message:
        return answer(request.text);
      case ChatRequest::Kind::reset:
        talk_.begin_anew(talk_.system());
        decorate("the conversation begins anew\n");
        break;
      case ChatRequest::Kind::system:
        talk_.begin_anew(request.text);
        decorate(request.text.empty() ? "the conversation begins anew, with no system message but "
                                        "the model's own, if it has one\n"
                                      : "the conversation begins anew, with this system message\n");
        break;
      case ChatRequest::Kind::help:
        write_stderr(kHelp);
        break;
      case ChatRequest::Kind::too_long:
        tell(fmt::format("a message of more than {} bytes; send a shorter one",
                         kChatMessageBytesMax));
        break;
      case ChatRequest::Kind::unknown:
        tell(fmt::format("{}: no such command; /help tells them, //{} sends it as a message",
                         printable(request.text, 60), printable(request.text.substr(1), 60)));
        break;
      case ChatRequest::Kind::leave:
        break;  // run() saw it
    }
    return false;
  }

  // Both lines say what to do: the conversation as it is has no room left.
  void tell_full(std::size_t tokens) const {
    tell(
        fmt::format("the context of {} tokens is full ({} are needed): /reset begins anew, a "
                    "larger -c holds more",
                    context_, tokens));
  }

  Expected<bool> answer(const std::string& message) {
    std::vector<TokenId> prompt = talk_.ask(message);
    if (prompt.size() >= static_cast<std::size_t>(context_)) {
      tell_full(prompt.size() + 1);
      return false;
    }
    const int room = context_ - static_cast<int>(prompt.size());
    const int tokens = std::min(plan_.tokens.value_or(room), room);
    const EngineStats before = engine_.stats();
    StepTimes times;
    auto answer = tokens > 0 ? generate(prompt, tokens, times) : Expected<Answer>(Answer{});
    if (!answer) return answer.error();
    if (const Status ended = show("\n"); !ended) return ended.error();
    between_ = !lines_.from_terminal();
    const bool full = answer->end == EndReason::length && tokens == room && !answer->stopped;
    if (full) tell_full(prompt.size() + answer->ids.size() + 1);
    account(before, times, message, *answer);
    talk_.answered(std::move(prompt), answer->ids);
    return answer->stopped;
  }

  Expected<Answer> generate(const std::vector<TokenId>& prompt, int tokens, StepTimes& times) {
    Answer answer;
    ShownText visible(*session_.tokenizer, true, options_.generation.stop);
    const std::string path = std::to_string(talk_.turns());
    const auto added = engine_.add(make_request(plan_, options_.generation, prompt, tokens, path));
    if (!added) return added.error();
    const auto course = run_engine(
        session_, engine_,
        [&](const StepResult& result) -> Status {
          for (const TokenEvent& event : result.tokens) {
            answer.ids.push_back(event.id);
            if (event.end) answer.end = *event.end;
            if (event.end == EndReason::eos) continue;  // some vocabularies have a text for it
            const std::string text = visible.push(event.id);
            answer.text += text;
            if (Status shown = show(text); !shown) return shown;
          }
          return {};
        },
        times, [this] { return lines_.take_interrupt(); });
    if (!course) return course.error();
    answer.stopped = *course == Course::interrupted;
    if (answer.stopped) engine_.cancel(*added);
    const std::string rest = visible.finish();
    answer.text += rest;
    if (const Status shown = show(rest); !shown) return shown.error();
    return answer;
  }

  // Answers stand behind each other, with an empty line between where nobody types between them.
  Status show(std::string_view text) {
    if (options_.generation.json || text.empty()) return {};
    return out_.write((std::exchange(between_, false) ? "\n" : "") + std::string(text));
  }

  void account(const EngineStats& before, const StepTimes& times, const std::string& message,
               const Answer& answer) {
    ++answers_given_;
    times_.reading_s += times.reading_s;
    times_.writing_s += times.writing_s;
    times_.prompt_rows += times.prompt_rows;
    times_.written_tokens += times.written_tokens;
    times_.writing_steps += times.writing_steps;
    const EngineStats now = engine_.stats();
    const std::uint64_t read = now.prompt_tokens - before.prompt_tokens,
                        reused = now.prompt_tokens_reused - before.prompt_tokens_reused;
    if (options_.generation.json) {
      answers_.push_back({{"message", message},
                          {"text", answer.text},
                          {"ids", answer.ids},
                          {"end", answer.stopped ? "stopped" : name_of(answer.end)},
                          {"prompt_tokens", read + reused},
                          {"reused_tokens", reused}});
    }
    if (!options_.generation.verbose) return;
    const Speeds speeds = speeds_of(times, session_.model->matrix_bytes());
    tell(fmt::format("read {} prompt tokens at {:.1f} tok/s, reused {}, wrote {} at {:.1f} tok/s",
                     read, speeds.prompt_tok_s, reused, answer.ids.size(), speeds.written_tok_s));
  }

  const ChatOptions& options_;
  const GenerationPlan& plan_;
  const Session& session_;
  Conversation talk_;
  ChatLines& lines_;
  const int context_;
  Output& out_;
  Engine engine_;
  ChatInput input_;
  StepTimes times_;
  nlohmann::ordered_json answers_ = nlohmann::ordered_json::array();
  std::uint64_t answers_given_ = 0;
  bool between_ = false;  // an answer has ended, and nobody typed behind it
};

// A model that holds no conversation is refused before its weights are read.
Status check_template(const std::string& model) {
  const auto file = ModelFile::open(model, ModelFile::Use::facts);
  if (!file) return file.error();
  auto tokenizer = load_tokenizer(*file);
  if (!tokenizer) return tokenizer.error();
  const auto talk = Conversation::create(*std::move(tokenizer));
  if (!talk) return fail(talk.error().kind, "{}: {}", model, talk.error().message);
  return {};
}

Expected<int> execute(const ChatOptions& options, Output& out) {
  const auto plan = plan_generation(options.generation);
  if (!plan) return plan.error();
  const std::string& model = options.generation.compute.model;
  if (const Status holds = check_template(model); !holds) return holds.error();
  auto lines = ChatLines::open();
  if (!lines) return lines.error();
  const auto session = open_session(compute_of(options.generation));
  if (!session) return session.error();
  if (lines->take_interrupt()) return kExitInterrupted;
  const int trained = session->model->params().context;
  const int context = options.generation.context > 0 ? options.generation.context : trained;
  if (const Status fits = check_context(*session, context); !fits) return fits.error();
  auto talk = Conversation::create(session->tokenizer);
  if (!talk) return talk.error();
  talk->begin_anew(options.system);
  ChatOptions asked = options;
  asked.generation.stop = stop_texts(asked.generation.stop, *session->tokenizer, true);
  Chat chat(asked, *plan, *session, *std::move(talk), *lines, context, out);
  const auto code = chat.run();
  if (!code) return code.error();
  if (const Status reported = chat.report(); !reported) return reported.error();
  return *code;
}

}  // namespace

Command add_chat(CLI::App& root) {
  auto options = std::make_shared<ChatOptions>();
  CLI::App* parser = root.add_subcommand("chat", "a conversation with a model tuned for it");
  add_generation_flags(*parser, options->generation,
                       "tokens of one answer at most; -1 (default): until it ends or the context "
                       "is full");
  parser->add_option("--system", options->system,
                     "system message; by default the model's own, if its template has one");
  parser->footer(
      "Needs a model with a chat template (families: chatml, llama-3, zephyr, mistral, gemma, "
      "phi).\n"
      "Ctrl-C stops an answer; again at an empty prompt, or Ctrl-D, ends the chat. /help tells "
      "the\n"
      "commands. Without a terminal every line of stdin is a message, and the answers stand on\n"
      "stdout with an empty line between. The same flags and messages give the same answers.\n"
      "\n"
      "Examples:\n"
      "  pecia chat -m model.gguf\n"
      "  pecia chat -m model.gguf --system 'Answer in one sentence.' --temp 0.7 -s random\n"
      "  printf 'What is CAF?\\nAnd Cap'\"'\"'n Proto?\\n' | pecia chat -m model.gguf -n 200");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
