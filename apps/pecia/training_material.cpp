#include "apps/pecia/training_material.hpp"

#include <algorithm>

#include "apps/pecia/input.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

Expected<std::vector<StagePlan>> read_plans(const TrainOptions& options) {
  std::vector<StagePlan> plans;
  for (const std::string& text : options.stages) {
    const Expected<StagePlan> plan = parse_stage(text);
    if (!plan) return plan.error();
    if (plan->stage.length > options.training.shape.context) {
      return fail(ErrorKind::refuse, "--stage '{}': longer than the context of {} (-c)", text,
                  options.training.shape.context);
    }
    if (plan->kind == StageKind::text && options.text.empty()) {
      return fail(ErrorKind::refuse, "--stage '{}': text needs a file of it (-f FILE)", text);
    }
    plans.push_back(*plan);
  }
  return plans;
}

}  // namespace

Status TrainingMaterial::read_text_file(const TrainOptions& options, const Tokenizer& tokenizer,
                                        std::uint64_t seed) {
  const Expected<std::string> text = read_text(options.text);
  if (!text) return text.error();
  const auto documents = split_documents(*text, options.text);
  if (!documents) return documents.error();
  if (documents->size() <= options.held_out) {
    return fail(ErrorKind::refuse, "{}: {} documents, and --held-out {} leaves none to train on",
                options.text, documents->size(), options.held_out);
  }
  const std::span all(*documents);
  text_ =
      std::make_unique<TextDocuments>(tokenizer, all.first(all.size() - options.held_out), seed);
  held_out_ = TextDocuments(tokenizer, all.last(options.held_out), seed)
                  .samples(options.training.shape.context);
  return {};
}

Status TrainingMaterial::tell_held_out(const TrainOptions& options, const StagePlan& last,
                                       const Tokenizer& tokenizer, std::uint64_t seed) {
  const ChronicleDocuments told(tokenizer, last.content, Split::held_out, seed);
  for (std::uint64_t i = 0; i < options.held_out; ++i) {
    Expected<Sequence> sequence = told.document(i, last.stage.length);
    if (!sequence) return sequence.error();
    held_out_.push_back({std::move(sequence).value()});
  }
  return {};
}

Expected<TrainingMaterial> TrainingMaterial::open(const TrainOptions& options,
                                                  const Tokenizer& tokenizer, std::uint64_t seed) {
  const Expected<std::vector<StagePlan>> plans = read_plans(options);
  if (!plans) return plans.error();
  TrainingMaterial material;
  if (!options.text.empty()) {
    if (Status s = material.read_text_file(options, tokenizer, seed); !s) return s.error();
  }
  for (const StagePlan& plan : *plans) {
    Stage stage = plan.stage;
    if (plan.kind == StageKind::text) stage.documents = material.text_.get();
    if (plan.kind == StageKind::chronicles) {
      stage.documents = material.chronicles_
                            .emplace_back(std::make_unique<ChronicleDocuments>(
                                tokenizer, plan.content, Split::train, seed))
                            .get();
    }
    material.stages_.push_back(stage);
  }
  if (plans->back().kind == StageKind::chronicles) {
    material.held_out_.clear();
    const Status told = material.tell_held_out(options, plans->back(), tokenizer, seed);
    if (!told) return told.error();
  }
  return material;
}

}  // namespace pecia::apps
