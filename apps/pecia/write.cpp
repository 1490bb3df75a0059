// pecia write: a document from an outline. Its sections are slices, generated together in one
// batch and merged in order.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/command.hpp"
#include "apps/pecia/config_options.hpp"
#include "apps/pecia/file_roles.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/generate.hpp"
#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/speed_report.hpp"
#include "kernels/text/chat_template.hpp"
#include "kernels/text/document_release.hpp"
#include "kernels/text/outline.hpp"
#include "kernels/weights/atomic_file.hpp"
#include "runtime/config/dump.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kTokensPerSlice = 256;
constexpr std::size_t kBatchMax = 64;  // slices generated together; more wait their turn

struct WriteOptions {
  GenerationOptions generation;
  ConfigFlags config;
  std::string outline;
  std::string output;  // empty: stdout
  bool no_chat_template = false;
  bool one_stream = false;
};

struct SlicePlan {
  std::vector<TokenId> prompt;
  int tokens_max = 0;
  std::string path;  // of the step: "1", "2", ...
};

struct SliceResult {
  int tokens = 0;
  EndReason end = EndReason::length;
};

std::string name_slice(const Outline& outline, std::size_t slice) {
  return fmt::format("slice {} ('{}')", slice + 1, printable(outline.sections[slice].heading, 60));
}

// The model's template where it is to be used and can be; one line on stderr where it cannot.
std::string_view chat_template_of(const Tokenizer& tokenizer, const WriteOptions& options) {
  if (options.no_chat_template) return {};
  if (knows_chat_template(tokenizer.chat_template())) return tokenizer.chat_template();
  tell(fmt::format("{}: tokenizer.chat_template is of no known family ({}); going on without it",
                   printable(options.generation.compute.model), kChatFamilies));
  return {};
}

// `what` is to be written behind its prompt. A context of 0 is as large as needed.
Status check_room(const std::string& what, std::size_t prompt_tokens, int tokens, int context) {
  if (context <= 0 ||
      prompt_tokens + static_cast<std::size_t>(tokens) <= static_cast<std::size_t>(context)) {
    return {};
  }
  return fail(ErrorKind::refuse,
              "{}: {} prompt tokens and {} to write are more than the context of {}; shorten the "
              "outline, lower -n or raise -c",
              what, prompt_tokens, tokens, context);
}

Expected<std::vector<SlicePlan>> plan_slices(const Outline& outline, const Tokenizer& tokenizer,
                                             const GenerationPlan& plan,
                                             const WriteOptions& options) {
  const std::size_t count = outline.sections.size();
  const std::vector<int> shares =
      plan.tokens ? share_tokens(*plan.tokens, count) : std::vector<int>(count, kTokensPerSlice);
  const std::string_view chat_template = chat_template_of(tokenizer, options);
  std::vector<SlicePlan> slices;
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<TokenId> prompt =
        encode_segments(tokenizer, slice_segments(outline, k, chat_template));
    const Status fits =
        check_room(name_slice(outline, k), prompt.size(), shares[k], options.generation.context);
    if (!fits) return fits.error();
    slices.push_back({std::move(prompt), shares[k], std::to_string(k + 1)});
  }
  return slices;
}

// The whole document as one slice: the outline keeps its first heading alone, and what the model is
// given is the document as far as it stands.
Expected<std::vector<SlicePlan>> plan_one_stream(Outline& outline, const Tokenizer& tokenizer,
                                                 const GenerationPlan& plan,
                                                 const WriteOptions& options) {
  const int tokens =
      plan.tokens.value_or(kTokensPerSlice * static_cast<int>(outline.sections.size()));
  outline.sections.resize(1);
  std::vector<TokenId> prompt =
      tokenizer.encode(document_start(outline) + slice_start(outline, 0), EncodeOptions{});
  const Status fits =
      check_room("the document in one stream", prompt.size(), tokens, options.generation.context);
  if (!fits) return fits.error();
  return std::vector<SlicePlan>{{std::move(prompt), tokens, "1"}};
}

int longest_sequence(const std::vector<SlicePlan>& slices) {
  int longest = 1;
  for (const SlicePlan& slice : slices) {
    longest = std::max(longest, static_cast<int>(slice.prompt.size()) + slice.tokens_max);
  }
  return longest;
}

// All slices at work: the visible text of each goes into the document as it comes.
class Scribes {
 public:
  Scribes(const Outline& outline, const Tokenizer& tokenizer, const std::vector<std::string>& stop)
      : release_(outline, tokenizer, {.stop = stop}), results_(outline.sections.size()) {}

  void assign(SequenceId sequence, std::size_t slice) { slice_of_[sequence] = slice; }
  std::size_t slice_of(SequenceId sequence) const { return slice_of_.at(sequence); }
  // The text this token released.
  std::string take(const TokenEvent& event) {
    const std::size_t slice = slice_of(event.sequence);
    ++results_[slice].tokens;
    ++tokens_;
    std::string released(release_.add(slice, {&event.id, 1}));
    return event.end ? released.append(end(slice, *event.end)) : released;
  }
  std::string_view end(std::size_t slice, EndReason reason) {
    results_[slice].end = reason;
    return release_.end(slice);
  }

  std::size_t ended() const { return release_.ended(); }
  const std::string& document() const { return release_.document(); }
  const std::vector<SliceResult>& results() const { return results_; }
  std::uint64_t tokens() const { return tokens_; }

 private:
  DocumentRelease release_;
  std::vector<SliceResult> results_;
  std::unordered_map<SequenceId, std::size_t> slice_of_;
  std::uint64_t tokens_ = 0;
};

class Writing {
 public:
  Writing(const WriteOptions& options, const Outline& outline, const Session& session, Output& out)
      : options_(options),
        outline_(outline),
        session_(session),
        out_(out),
        streams_(options.output.empty() && !options.generation.json),
        scribes_(outline, *session.tokenizer, options.generation.stop),
        progress_("writing", streams_ && out.is_terminal()) {}

  Expected<Course> write(const GenerationPlan& plan, std::vector<SlicePlan> slices) {
    const int context = longest_sequence(slices);
    if (const Status fits = check_context(session_, context); !fits) return fits.error();
    Engine engine(session_.model, session_.tokenizer, *session_.pool, session_.isa,
                  engine_options(context, static_cast<int>(std::min(slices.size(), kBatchMax)),
                                 options_.generation.chunk));
    for (const SlicePlan& slice : slices) total_ += static_cast<std::uint64_t>(slice.tokens_max);
    if (const Status begun = start(engine, plan, std::move(slices)); !begun) return begun.error();
    auto course = run_engine(
        session_, engine, [&](const StepResult& result) { return take(result); }, times_);
    progress_.end();
    return course;
  }

  // What Ctrl-C leaves: text that streamed is there, anything else is gone, and that is said.
  void tell_interrupted() const {
    if (streams_) return;
    tell(fmt::format(
        "interrupted after {} of {} tokens; nothing was {}", scribes_.tokens(), total_,
        options_.output.empty() ? "printed" : "stored in " + printable(options_.output)));
  }

  Status report(std::uint64_t seed) {
    if (options_.generation.json) {
      if (const Status printed = out_.write_json(summary(seed)); !printed) return printed;
    }
    report_speed(session_, times_, options_.generation.verbose);
    return {};
  }

  const std::string& document() const { return scribes_.document(); }

 private:
  Status start(Engine& engine, const GenerationPlan& plan, std::vector<SlicePlan> slices) {
    if (const Status begun = release(scribes_.document()); !begun) return begun;
    for (std::size_t k = 0; k < slices.size(); ++k) {
      if (slices[k].tokens_max == 0) {
        if (const Status ended = release(scribes_.end(k, EndReason::length)); !ended) return ended;
        continue;
      }
      const auto sequence =
          engine.add(make_request(plan, options_.generation, std::move(slices[k].prompt),
                                  slices[k].tokens_max, slices[k].path));
      if (!sequence) {
        return fail(sequence.error().kind, "{}: {}", name_slice(outline_, k),
                    sequence.error().message);
      }
      scribes_.assign(*sequence, k);
    }
    return {};
  }

  Status take(const StepResult& result) {
    for (const auto& [sequence, error] : result.failed) {
      return failure_of(session_, error, name_slice(outline_, scribes_.slice_of(sequence)));
    }
    for (const TokenEvent& event : result.tokens) {
      if (const Status shown = release(scribes_.take(event)); !shown) return shown;
    }
    progress_.update(
        scribes_.tokens(), total_,
        fmt::format("tokens, {} of {} slices done", scribes_.ended(), outline_.sections.size()));
    return {};
  }

  Status release(std::string_view text) { return streams_ ? out_.write(text) : Status(); }

  nlohmann::ordered_json summary(std::uint64_t seed) const {
    nlohmann::ordered_json slices = nlohmann::ordered_json::array();
    for (std::size_t k = 0; k < outline_.sections.size(); ++k) {
      const SliceResult& slice = scribes_.results()[k];
      slices.push_back({{"heading", outline_.sections[k].heading},
                        {"tokens", slice.tokens},
                        {"end", name_of(slice.end)}});
    }
    nlohmann::ordered_json object = {{"tokens", scribes_.tokens()}, {"seed", seed}};
    object["slices"] = std::move(slices);
    if (options_.output.empty()) {
      object["document"] = document();
    } else {
      object["output"] = options_.output;
    }
    object.update(to_json(speeds_of(times_, session_.model->matrix_bytes())));
    return object;
  }

  const WriteOptions& options_;
  const Outline& outline_;
  const Session& session_;
  Output& out_;
  bool streams_;
  Scribes scribes_;
  Progress progress_;
  std::uint64_t total_ = 0;  // tokens asked for
  StepTimes times_;
};

Expected<Outline> read_outline(const std::string& path) {
  const auto text = read_text(path);
  if (!text) return text.error();
  auto outline = parse_outline(*text);
  if (outline) return outline;
  return fail(outline.error().kind, "{}: {}", path, outline.error().message);
}

// A document that cannot be stored is not lost: it goes to stdout, unless that must hold JSON.
Status store(const WriteOptions& options, AtomicFile& file, const std::string& document,
             Output& out) {
  Status stored = file.write(document);
  if (stored) stored = file.commit();
  if (stored) return stored;
  const bool rescued = !options.generation.json && out.write(document).ok();
  return fail(stored.error().kind, "{}; free space or choose another -o{}", stored.error().message,
              rescued ? " (the document was written to stdout instead)" : "");
}

Expected<int> dump(const runtime::LayeredConfig& config, Output& out) {
  const Status written = out.write(runtime::dump_config(config));
  if (!written) return written.error();
  return kExitDone;
}

Expected<int> execute(WriteOptions options, Output& out) {
  const auto config = effective_config(options.config, process_environment());
  if (!config) return config.error();
  if (options.config.dump) return dump(*config, out);
  if (options.output == "-") options.output.clear();  // stdout, as --outline - is stdin
  const auto plan = plan_generation(options.generation);
  if (!plan) return plan.error();
  const Status roles = check_file_roles({{"--outline", options.outline},
                                         {"-m", options.generation.compute.model},
                                         {"--config", options.config.file}},
                                        {{"-o", options.output}});
  if (!roles) return roles.error();
  auto outline = read_outline(options.outline);
  if (!outline) return outline.error();
  watch_interrupts();
  // Opened now, so that nobody waits for a document that has no place.
  std::optional<Expected<AtomicFile>> file;
  if (!options.output.empty()) file.emplace(AtomicFile::create(options.output));
  if (file && !*file && interrupted()) return kExitInterrupted;  // while a pipe had no reader
  if (file && !*file) return file->error();
  const auto session = open_session(options.generation.compute);
  if (!session) return session.error();
  auto slices = options.one_stream ? plan_one_stream(*outline, *session->tokenizer, *plan, options)
                                   : plan_slices(*outline, *session->tokenizer, *plan, options);
  if (!slices) return slices.error();

  Writing writing(options, *outline, *session, out);
  const auto course = writing.write(*plan, std::move(*slices));
  if (!course) return course.error();
  if (*course == Course::interrupted) {
    writing.tell_interrupted();
    return kExitInterrupted;
  }
  if (file) {
    const Status stored = store(options, file->value(), writing.document(), out);
    if (!stored) return stored.error();
  }
  if (const Status told = writing.report(plan->seed); !told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_write(CLI::App& root) {
  auto options = std::make_shared<WriteOptions>();
  CLI::App* parser =
      root.add_subcommand("write", "a document from an outline, its sections written in parallel");
  add_generation_flags(*parser, options->generation,
                       "tokens of the whole document, shared over its sections; -1 (default): 256 "
                       "a section");
  parser->add_option("--outline", options->outline, "Markdown file; every heading is one slice")
      ->required()
      ->type_name("FILE");
  parser
      ->add_option("-o,--output", options->output,
                   "where the finished document appears, complete; stdout by default")
      ->check(not_empty())
      ->type_name("FILE");
  parser->add_flag("--no-chat-template", options->no_chat_template,
                   "prompt a model that has a chat template as one that has none");
  parser->add_flag("--one-stream", options->one_stream,
                   "preamble and first heading as the only prompt: the model writes all the rest, "
                   "headings too, in one go");
  add_config_file_flags(*parser, options->config);
  parser->footer(
      "Text before the first heading is the preamble. Every slice is written from the preamble, "
      "the\n"
      "full outline and its own heading, as a user's message where the model has a chat template;\n"
      "all slices share one batch. Without -o the text streams in document order.\n"
      "The same flags give the same bytes, always.\n"
      "\n"
      "Examples:\n"
      "  pecia write --outline config/demo/chronicle.md -n 2400\n"
      "  pecia write -m model.gguf --outline book.md -n 4000 -o book-full.md\n"
      "  pecia write -m model.gguf --outline notes.md --temp 0 | less\n"
      "  printf '# One\\n# Two\\n' | pecia write -m model.gguf --outline -");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
