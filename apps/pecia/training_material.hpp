#pragma once
// What a run of `pecia train` reads: the documents of its stages, and those held out.

#include <memory>
#include <vector>

#include "apps/pecia/text_documents.hpp"
#include "apps/pecia/train_options.hpp"

namespace pecia::apps {

class TrainingMaterial {
 public:
  // `tokenizer` outlives this.
  static kernels::Expected<TrainingMaterial> open(const TrainOptions& options,
                                                  const kernels::Tokenizer& tokenizer,
                                                  std::uint64_t seed);

  const std::vector<kernels::Stage>& stages() const { return stages_; }
  const std::vector<kernels::Sample>& held_out() const { return held_out_; }

 private:
  kernels::Status read_text_file(const TrainOptions& options, const kernels::Tokenizer& tokenizer,
                                 std::uint64_t seed);
  kernels::Status tell_held_out(const TrainOptions& options, const StagePlan& last,
                                const kernels::Tokenizer& tokenizer, std::uint64_t seed);

  // By pointer: the stages point to them.
  std::unique_ptr<TextDocuments> text_;
  std::vector<std::unique_ptr<ChronicleDocuments>> chronicles_;
  std::vector<kernels::Stage> stages_;
  std::vector<kernels::Sample> held_out_;
};

}  // namespace pecia::apps
