// pecia perplexity: how well a model expects a text, and a digest that shows that nothing but the
// model decides its logits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/generate.hpp"
#include "apps/pecia/generation_options.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/window_scores.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kWindowTokens = 512;
constexpr int kWindowTokensMax = 2'048;
constexpr int kBatchMax = 64;
constexpr std::uint64_t kWaitingBytesMax = std::uint64_t{1} << 30;  // logits that are not yet due

struct PerplexityOptions {
  ComputeOptions compute;
  PromptOptions text;
  int window = kWindowTokens;
  int batch = 1;
  int chunk = kChunkTokensMax;
  bool json = false;
};

// Windows together: as asked, but fewer where their waiting logits would fill the memory. The
// result is the same.
std::size_t windows_together(int asked, const ScoreWindow& window, int vocabulary) {
  const auto rows = static_cast<std::uint64_t>(window.last() - window.first);
  const std::uint64_t bytes = rows * static_cast<std::uint64_t>(vocabulary) * sizeof(float);
  const std::uint64_t fitting = 1 + kWaitingBytesMax / std::max<std::uint64_t>(bytes, 1);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(asked), fitting));
}

// Keeps `together` windows in the engine and hands their logits to the scores.
class Scoring {
 public:
  Scoring(const std::vector<ScoreWindow>& windows, std::size_t together, const Session& session,
          Engine& engine)
      : windows_(windows),
        together_(together),
        session_(session),
        engine_(engine),
        scores_(windows) {
    engine_.set_logits_sink([this](SequenceId sequence, int position, std::span<const float> row) {
      scores_.take(window_of_.at(sequence), position, row);
    });
  }

  Status refill() {
    while (begun_ < windows_.size() && begun_ < scores_.current() + together_) {
      const ScoreWindow& window = windows_[begun_];
      // The last token is only a target: nothing follows it.
      std::vector<TokenId> tokens(window.tokens.begin(), window.tokens.end() - 1);
      const auto sequence = engine_.add_scoring(std::move(tokens), window.first);
      if (!sequence) return sequence.error();
      window_of_[*sequence] = begun_++;
    }
    return {};
  }

  Status take(const StepResult& result) {
    for (const auto& [sequence, error] : result.failed) {
      return failure_of(session_, error, fmt::format("window {}", window_of_.at(sequence) + 1));
    }
    if (const auto at = scores_.not_finite_at()) {
      return failure_of(
          session_, fail(ErrorKind::refuse, "logits at token {} of the text are not finite", *at));
    }
    return refill();
  }

  WindowScores& scores() { return scores_; }

 private:
  const std::vector<ScoreWindow>& windows_;
  std::size_t together_;
  const Session& session_;
  Engine& engine_;
  WindowScores scores_;
  std::unordered_map<SequenceId, std::size_t> window_of_;
  std::size_t begun_ = 0;
};

Status report(WindowScores& scores, bool json, Output& out) {
  const double perplexity = scores.perplexity();
  const std::string digest = scores.logits_sha256();
  if (json) {
    return out.write_json(
        {{"perplexity", perplexity}, {"tokens", scores.tokens()}, {"logits_sha256", digest}});
  }
  return out.write(fmt::format("perplexity     {:.4f}\ntokens         {}\nlogits sha256  {}\n",
                               perplexity, scores.tokens(), digest));
}

Expected<std::vector<ScoreWindow>> read_windows(const PerplexityOptions& options,
                                                const Tokenizer& tokenizer) {
  const auto text = read_prompt(options.text);
  if (!text) return text.error();
  const std::vector<TokenId> begin = tokenizer.encode("", {.add_bos = true});
  return cut_windows(tokenizer.encode(*text, {.add_bos = true}), options.window,
                     begin.empty() ? -1 : begin.front());
}

Expected<Course> score(Scoring& scoring, const Session& session, Engine& engine,
                       std::size_t windows) {
  if (const Status begun = scoring.refill(); !begun) return begun.error();
  StepTimes times;
  Progress progress("scoring");
  return run_engine(
      session, engine,
      [&](const StepResult& result) {
        progress.update(scoring.scores().current(), windows, "windows");
        return scoring.take(result);
      },
      times);
}

Expected<int> execute(const PerplexityOptions& options, Output& out) {
  watch_interrupts();
  ComputeOptions compute = options.compute;
  compute.context_max = options.window;
  const auto session = open_session(compute);
  if (!session) return session.error();
  const auto windows = read_windows(options, *session->tokenizer);
  if (!windows) return windows.error();

  const std::size_t together =
      windows_together(options.batch, windows->front(), session->model->params().vocabulary);
  EngineOptions engine_setup =
      engine_options(options.window, static_cast<int>(together), options.chunk);
  engine_setup.prefix_cache = false;  // every window from an empty cache
  Engine engine(session->model, session->tokenizer, *session->pool, session->isa, engine_setup);
  Scoring scoring(*windows, together, *session, engine);
  const auto course = score(scoring, *session, engine, windows->size());
  if (!course) return course.error();
  if (*course == Course::interrupted) return kExitInterrupted;
  if (const Status told = report(scoring.scores(), options.json, out); !told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_perplexity(CLI::App& root) {
  auto options = std::make_shared<PerplexityOptions>();
  CLI::App* parser =
      root.add_subcommand("perplexity", "perplexity of a text, and a digest of all logits");
  add_compute_flags(*parser, options->compute);
  add_prompt_flags(*parser, options->text, "text to score");
  parser->add_option("-c,--ctx-size", options->window, "tokens of a window")
      ->check(CLI::Range(4, kWindowTokensMax))
      ->capture_default_str();
  parser->add_option("-b,--batch", options->batch, "windows together. Never changes a result")
      ->check(CLI::Range(1, kBatchMax))
      ->capture_default_str();
  add_chunk_flag(*parser, options->chunk);
  add_json_flag(*parser, options->json);
  parser->footer(
      "As llama-perplexity: the text is cut into windows, each read from an empty cache, and the\n"
      "second half of each is scored; the tail is left out, a shorter text is scored whole. The\n"
      "digest is SHA-256 over the f32 logits of every scored position in text order: -t, -b,\n"
      "--chunk and PECIA_CPU do not change it.\n"
      "\n"
      "Examples:\n"
      "  pecia perplexity -m model.gguf -f wiki.test.raw\n"
      "  pecia perplexity -m model.gguf -f text.txt -c 2048 -b 16 --json");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
