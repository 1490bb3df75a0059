#include "apps/pecia/train_options.hpp"
#include "apps/pecia/compute_flags.hpp"

#include <CLI/CLI.hpp>

#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/parse_number.hpp"
#include "kernels/base/model_limits.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr int kLengthMax = 1 << 16;
constexpr int kSequencesMax = 1 << 20;
constexpr std::uint64_t kStepsMax = std::uint64_t{1} << 40;

void add_shape_flags(CLI::App& parser, TrainOptions& options) {
  ModelParams& shape = options.training.shape;
  shape.architecture = "llama";
  shape.layers = 4, shape.width = 256, shape.heads = 8, shape.kv_heads = 4, shape.head_dim = 32;
  shape.ffn_width = 768, shape.context = 2'048, shape.norm_epsilon = 1e-5f;
  const auto add = [&parser](const char* flag, int& number, int max, const char* help) {
    parser.add_option(flag, number, help)->check(CLI::Range(1, max))->capture_default_str();
  };
  add("--layers", shape.layers, 256, "layers");
  add("--width", shape.width, 1 << 14, "of the residual row, a multiple of 32");
  add("--heads", shape.heads, 256, "query heads");
  add("--kv-heads", shape.kv_heads, 256, "heads of keys and values; divides --heads");
  add("--head-dim", shape.head_dim, kHeadDimMax, "of one head, a multiple of 32");
  add("--ffn-width", shape.ffn_width, 1 << 16, "of the feed-forward part, a multiple of 32");
  add("-c,--ctx-size", shape.context, kLengthMax, "longest sequence, in tokens");
  parser
      .add_option("--rope-base", shape.rope_base,
                  "of the rotary positions; the longer the texts, the larger")
      ->check(finite_range(1, 1e12))
      ->capture_default_str();
  parser.add_flag("--untied", options.untied, "a head of its own instead of the embedding");
}

void add_optimiser_flags(CLI::App& parser, TrainOptions& options) {
  TrainingOptions& training = options.training;
  const auto add = [&parser](const char* flag, double& number, double max, const char* help) {
    parser.add_option(flag, number, help)->check(finite_range(0, max))->capture_default_str();
  };
  add("--lr", training.rate.peak, 1, "highest learning rate");
  add("--lr-floor", options.rate_floor_share, 1, "where the cosine ends, as a share of --lr");
  add("--weight-decay", training.adamw.weight_decay, 10, "of matrices");
  add("--clip", training.adamw.clip_norm, 1e6, "largest norm of the gradient; 0: any");
  add("--init", training.init_deviation, 1, "standard deviation of the first weights");
  parser.add_option("--warmup", training.rate.warmup_steps, "steps until --lr is reached")
      ->check(CLI::Range(std::uint64_t{0}, kStepsMax))
      ->capture_default_str();
  parser.add_option("-s,--seed", options.seed, "of weights and order; 'random' draws one")
      ->capture_default_str();
}

void add_file_flags(CLI::App& parser, TrainOptions& options) {
  parser.add_option("--tokenizer", options.tokenizer, "GGUF file with the vocabulary")
      ->required()
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("-f,--file", options.text, "text; a line of only %% ends a document")
      ->type_name("FILE")
      ->check(not_empty());
  parser
      .add_option("--from", options.from,
                  "F32 GGUF of the same shape and vocabulary: go on from its weights, with a fresh "
                  "optimiser")
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("-o,--output", options.output, "the trained model, F32 GGUF")
      ->required()
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("--checkpoint", options.checkpoint, "default: OUTPUT.checkpoint")
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("--log", options.log, "the losses, a line a step; default: OUTPUT.log.jsonl")
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("--curve", options.curve, "picture of the losses; default: OUTPUT.svg")
      ->type_name("FILE")
      ->check(not_empty());
  parser.add_option("--name", options.name, "general.name of the model; default: OUTPUT's")
      ->type_name("NAME");
  const auto every = CLI::Range(std::uint64_t{1}, kStepsMax);
  parser.add_option("--save-every", options.save_every, "steps between checkpoints")
      ->check(every)
      ->capture_default_str();
  parser.add_option("--eval-every", options.evaluate_every, "steps between evaluations")
      ->check(every)
      ->capture_default_str();
  parser
      .add_option("--held-out", options.held_out,
                  "documents for evaluation alone: the last of --file, or "
                  "chronicles of the kind of the last stage")
      ->capture_default_str();
}

bool read_kind(std::string_view name, StagePlan& plan) {
  if (name == "text") return true;
  plan.kind = StageKind::repeats;
  if (name == "repeats") return true;
  plan.kind = StageKind::chronicles;
  const auto content = chronicle_content_named(name);
  if (content) plan.content = *content;
  return content.has_value();
}

}  // namespace

void add_train_flags(CLI::App& parser, TrainOptions& options) {
  add_file_flags(parser, options);
  parser
      .add_option(
          "--stage", options.stages,
          "LENGTH:STEPS:SEQUENCES[:KIND], in order. KIND: text (of --file), repeats (random "
          "strings said twice), or chronicles: short, slice, whole, tales")
      ->required()
      ->type_name("STAGE");
  add_shape_flags(parser, options);
  add_optimiser_flags(parser, options);
  parser
      .add_option("--pass-rows", options.training.pass_rows_max,
                  "tokens that go through the model together. Never changes a result")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  add_threads_flag(parser, options.threads);
  add_json_flag(parser, options.json);
}

Expected<StagePlan> parse_stage(const std::string& text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    parts.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  StagePlan plan;
  Stage& stage = plan.stage;
  const bool read = (parts.size() == 3 || (parts.size() == 4 && read_kind(parts[3], plan))) &&
                    parse_number(parts[0], stage.length) && parse_number(parts[1], stage.steps) &&
                    parse_number(parts[2], stage.sequences);
  if (read && stage.length >= 2 && stage.length <= kLengthMax && stage.steps >= 1 &&
      stage.steps <= kStepsMax && stage.sequences >= 1 && stage.sequences <= kSequencesMax) {
    return plan;
  }
  return fail(ErrorKind::refuse,
              "--stage '{}': expected LENGTH:STEPS:SEQUENCES, or that and a kind (text, repeats, "
              "short, slice, whole, tales), as in 128:1000:64:short",
              text);
}

}  // namespace pecia::apps
