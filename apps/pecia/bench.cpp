// pecia bench: what the engine reaches on this machine, next to what the machine can do.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/bandwidth.hpp"
#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/generate.hpp"
#include "apps/pecia/progress.hpp"
#include "kernels/base/philox.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kPromptTokens = 512;
constexpr int kGeneratedTokens = 128;
constexpr int kBatchTokens = 32;       // per sequence
constexpr double kFractionMax = 1.02;  // of the memory's bandwidth; beyond, a figure is wrong
constexpr std::size_t kCachedBytesMax = std::size_t{256} << 20;  // weights a cache might hold
constexpr std::array kBatchSizes = {1, 2, 4, 8, 16, 32};

struct BenchOptions {
  ComputeOptions compute;
  int repetitions = 5;
  std::vector<std::string> only;
  bool json = false;

  bool wants(std::string_view part) const {
    return only.empty() || std::find(only.begin(), only.end(), part) != only.end();
  }
};

struct BatchSpeed {
  int sequences = 0;
  double tok_s = 0;
};

struct BenchResult {
  double load_s = 0;
  std::optional<double> bandwidth_gb_s, prompt_tok_s, written_tok_s;
  std::vector<BatchSpeed> batch;
};

// Tokens that no text would have in this order: speed does not depend on them, caches might.
std::vector<TokenId> some_tokens(int count, int vocabulary, std::uint64_t key) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t bits = philox64(key, static_cast<std::uint64_t>(i), 0);
    tokens.push_back(static_cast<TokenId>(bits % static_cast<std::uint64_t>(vocabulary)));
  }
  return tokens;
}

class Bench {
 public:
  Bench(const Session& session, const BenchOptions& options)
      : session_(session), options_(options), progress_("measuring") {}

  Expected<BenchResult> measure() {
    Status done;
    if (options_.wants("pp")) done = measure_prompt();
    if (done && (options_.wants("tg") || options_.wants("bandwidth"))) done = measure_written();
    if (done && options_.wants("batch")) done = measure_batches();
    if (!done) return done.error();
    return result_;
  }

 private:
  std::uint64_t parts() const {
    const auto one = [this](std::string_view part) { return options_.wants(part) ? 1u : 0u; };
    return one("pp") + std::max(one("tg"), one("bandwidth")) + one("batch") * kBatchSizes.size();
  }
  void part_done() { progress_.update(++parts_done_, parts(), "figures"); }

  // Seconds until `sequences` prompts are read and `written` tokens behind each are there.
  Expected<double> time(Engine& engine, int sequences, int prompt, int written) const {
    const int vocabulary = session_.model->params().vocabulary;
    for (int k = 0; k < sequences; ++k) {
      Request request;
      request.prompt = some_tokens(prompt, vocabulary, static_cast<std::uint64_t>(k));
      request.tokens_max = written;
      request.sampling.temperature = 0;
      request.ignore_eos = true;
      if (const auto added = engine.add(std::move(request)); !added) return added.error();
    }
    StepTimes times;
    const auto course = run_engine(
        session_, engine, [](const StepResult&) { return Status(); }, times);
    if (!course) return course.error();
    return times.reading_s + times.writing_s;
  }

  Engine make_engine(int sequences, int tokens) const {
    EngineOptions options = engine_options(tokens, sequences, kChunkTokensMax);
    options.prefix_cache = false;
    return Engine(session_.model, session_.tokenizer, *session_.pool, session_.isa, options);
  }

  // Median tokens a second over the repetitions, behind one that only warms up.
  Expected<double> median_tok_s(int sequences, int prompt, int written, double tokens,
                                BandwidthProbe* probe = nullptr) {
    Engine engine = make_engine(sequences, prompt + written);
    std::vector<double> speeds, bandwidths;
    for (int i = 0; i <= options_.repetitions; ++i) {
      if (probe != nullptr && i > 0) bandwidths.push_back(probe->read_gb_s());
      const auto seconds = time(engine, sequences, prompt, written);
      if (!seconds) return seconds.error();
      if (i > 0) speeds.push_back(tokens / *seconds);
    }
    if (probe != nullptr) result_.bandwidth_gb_s = median(std::move(bandwidths));
    part_done();
    return median(std::move(speeds));
  }

  Status measure_prompt() {
    const auto speed = median_tok_s(1, kPromptTokens, 1, kPromptTokens);
    if (!speed) return speed.error();
    result_.prompt_tok_s = *speed;
    return {};
  }

  // Bandwidth is read between the runs, so that both see the machine in the same mood.
  Status measure_written() {
    BandwidthProbe probe(*session_.pool, kBandwidthBytes);
    if (!options_.wants("tg")) {
      std::vector<double> passes;
      passes.reserve(static_cast<std::size_t>(options_.repetitions));
      for (int i = 0; i < options_.repetitions; ++i) passes.push_back(probe.read_gb_s());
      result_.bandwidth_gb_s = median(std::move(passes));
      part_done();
      return {};
    }
    const auto speed = median_tok_s(1, 1, kGeneratedTokens, kGeneratedTokens, &probe);
    if (!speed) return speed.error();
    result_.written_tok_s = *speed;
    return {};
  }

  Status measure_batches() {
    for (const int sequences : kBatchSizes) {
      const auto speed = median_tok_s(sequences, 1, kBatchTokens, kBatchTokens * sequences);
      if (!speed) return speed.error();
      result_.batch.push_back({sequences, *speed});
    }
    return {};
  }

  const Session& session_;
  const BenchOptions& options_;
  BenchResult result_;
  Progress progress_;
  std::uint64_t parts_done_ = 0;
};

nlohmann::ordered_json to_json(const BenchResult& result, const Session& session,
                               const BenchOptions& options) {
  const Model& model = *session.model;
  nlohmann::ordered_json object = {
      {"model", options.compute.model},     {"type", model.quantisation()},
      {"isa", name_of(session.isa)},        {"threads", session.pool->threads()},
      {"repetitions", options.repetitions}, {"load_s", result.load_s}};
  if (result.bandwidth_gb_s) object["bandwidth_gb_s"] = *result.bandwidth_gb_s;
  if (result.prompt_tok_s) {
    const double weights = static_cast<double>(model.matrix_weights());
    object["pp512_tok_s"] = *result.prompt_tok_s;
    object["pp_gop_s"] = 2 * weights * *result.prompt_tok_s / 1e9;
  }
  if (result.written_tok_s) {
    const double gb_s = static_cast<double>(model.matrix_bytes()) * *result.written_tok_s / 1e9;
    object["tg128_tok_s"] = *result.written_tok_s;
    object["tg_gb_s"] = gb_s;
    object["tg_bandwidth_fraction"] = gb_s / *result.bandwidth_gb_s;
    if (gb_s > kFractionMax * *result.bandwidth_gb_s && model.matrix_bytes() > kCachedBytesMax) {
      object["measuring_error"] = fmt::format(
          "weights were read at more than {} of the measured bandwidth; measure again on a quiet "
          "machine",
          kFractionMax);
    }
  }
  if (result.batch.empty()) return object;
  object["batch"] = nlohmann::ordered_json::array();
  for (const BatchSpeed& speed : result.batch) {
    object["batch"].push_back({{"sequences", speed.sequences}, {"tok_s", speed.tok_s}});
  }
  return object;
}

// The same figures for people.
std::string table(const nlohmann::ordered_json& figures) {
  std::string text = fmt::format(
      "{}  {}  {}, {} threads, loaded in {:.2f} s\n", figures["model"].get<std::string>(),
      figures["type"].get<std::string>(), figures["isa"].get<std::string>(),
      figures["threads"].get<int>(), figures["load_s"].get<double>());
  const auto row = [&](const char* key, const char* label, const char* unit) {
    if (!figures.contains(key)) return;
    text += fmt::format("  {:<28}{:>10.2f} {}\n", label, figures[key].get<double>(), unit);
  };
  row("bandwidth_gb_s", "memory read", "GB/s");
  row("pp512_tok_s", "prompt of 512", "tok/s");
  row("pp_gop_s", "", "Gop/s");
  row("tg128_tok_s", "128 tokens, one sequence", "tok/s");
  row("tg_gb_s", "", "GB/s of weights");
  row("tg_bandwidth_fraction", "", "of memory read");
  if (figures.contains("measuring_error")) {
    text += fmt::format("  measuring error: {}\n", figures["measuring_error"].get<std::string>());
  }
  if (!figures.contains("batch")) return text;
  for (const auto& speed : figures["batch"]) {
    text += fmt::format("  {:>2} sequences together      {:>10.2f} tok/s\n",
                        speed["sequences"].get<int>(), speed["tok_s"].get<double>());
  }
  return text;
}

Expected<int> execute(const BenchOptions& options, Output& out) {
  const Stopwatch watch;
  const auto session = open_session(options.compute);
  if (!session) return session.error();
  const double load_s = watch.seconds();
  auto result = Bench(*session, options).measure();
  if (!result) return result.error();
  result->load_s = load_s;
  const auto figures = to_json(*result, *session, options);
  const Status told = options.json ? out.write_json(figures) : out.write(table(figures));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_bench(CLI::App& root) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* parser = root.add_subcommand("bench", "speed of a model on this machine");
  add_compute_flags(*parser, options->compute);
  parser
      ->add_option("-r,--repetitions", options->repetitions,
                   "every figure is the median of so many")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  parser->add_option("--only", options->only, "measure only this part")
      ->check(CLI::IsMember({"bandwidth", "pp", "tg", "batch"}))
      ->take_all();
  add_json_flag(*parser, options->json);
  parser->footer(
      "bandwidth: median read of 512 MiB with the same threads, between the runs it is compared "
      "to.\n"
      "pp512: a prompt of 512 tokens. tg128: 128 tokens of one sequence. batch: 1 to 32 "
      "sequences,\n"
      "32 tokens each. GB/s = packed weight bytes touched per token x tok/s; Gop/s = 2 x matrix\n"
      "weights x tok/s. A share of memory read beyond 1.02 is named a measuring error, where no "
      "cache\n"
      "can hold the weights.\n"
      "\n"
      "Examples:\n"
      "  pecia bench -m model.gguf -t 2 --json\n"
      "  pecia bench -m model.gguf --only tg --only pp");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
