// A trained model in the engine: the exported file gives the logits the trainer computes. The
// engine rounds keys and values to f16, the trainer does not.

#include <cmath>
#include <string>
#include <vector>

#include "kernels/training/import_model.hpp"
#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/synth_vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"
#include "tests/unit/training/tiny_training.hpp"
#include "tests/unit/training/training_runs.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr int kVocabulary = 320;

ModelFile tokenizer_file(const std::string& path) {
  GgufHeader header;
  header.add_text("general.architecture", "llama");
  header.add_text("general.name", "vocabulary alone");
  add_synth_vocabulary(header, kVocabulary);
  GgufWriter writer = must(GgufWriter::create(path, header));
  must(writer.finish());
  return must(ModelFile::open(path));
}

double mean_nll(const LogitRows& rows, const std::vector<TokenId>& targets) {
  double total = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    double sum = 0;
    for (const float logit : rows[t]) sum += std::exp(double(logit));
    total += std::log(sum) - rows[t][static_cast<std::size_t>(targets[t])];
  }
  return total / static_cast<double>(rows.size());
}

LogitRows rows_of(const Rows& logits) {
  LogitRows rows(static_cast<std::size_t>(logits.rows));
  for (int row = 0; row < logits.rows; ++row) {
    for (int col = 0; col < logits.cols; ++col) rows[row].push_back(logits.at(row, col));
  }
  return rows;
}

void check_agreement(ModelParams shape) {
  shape.vocabulary = kVocabulary;
  const TemporaryFolder folder;
  const ModelFile tokenizer = tokenizer_file(folder.file("tokenizer.gguf"));
  TrainingOptions options = tiny_options(shape);
  options.init_deviation = 0.15;
  SimulatedRun simulated(options, {2, 1'000, 1});
  RunResult ignored;
  simulated.run_to(3, ignored);
  must(simulated.trainer().export_gguf(folder.file("model.gguf"), "tiny", tokenizer));

  const PassInput input = random_input({{200}}, kVocabulary, 9);
  const LogitRows trained = rows_of(simulated.trainer().logits(input));
  const LoadedModel loaded = load_model(folder.file("model.gguf"));
  CHECK(loaded.model->params().tied_embeddings == shape.tied_embeddings);
  const LogitRows engine = scored_logits(loaded, input.tokens, 0, {});
  REQUIRE(engine.size() == trained.size());
  double largest = 0;
  double difference = 0;
  for (std::size_t t = 0; t < engine.size(); ++t) {
    for (std::size_t i = 0; i < engine[t].size(); ++i) {
      largest = std::max(largest, std::abs(double(engine[t][i])));
      difference = std::max(difference, std::abs(double(engine[t][i]) - trained[t][i]));
    }
  }
  REQUIRE(largest > 1);
  CHECK(difference <= 1e-3 * largest);
  CHECK(mean_nll(engine, input.targets) == Approx(mean_nll(trained, input.targets)).epsilon(1e-3));
}

TEST_CASE("the engine computes an exported model's logits as the trainer does") {
  check_agreement(tiny_trainable());
  check_agreement(tied_trainable());
}

TEST_CASE("an exported model is read back as the weights of another run, bit for bit") {
  const TemporaryFolder folder;
  const ModelFile tokenizer = tokenizer_file(folder.file("tokenizer.gguf"));
  for (ModelParams shape : {tiny_trainable(), tied_trainable()}) {
    shape.vocabulary = kVocabulary;
    SimulatedRun first(tiny_options(shape), {2, 1'000, 1});
    RunResult ignored;
    first.run_to(2, ignored);
    must(first.trainer().export_gguf(folder.file("model.gguf"), "tiny", tokenizer));
    TrainingOptions options = tiny_options(shape);
    options.first_weights = must(import_model(must(ModelFile::open(folder.file("model.gguf"))),
                                              shape, first.trainer().table()));
    const auto weights = first.trainer().weights();
    CHECK(options.first_weights == std::vector<float>(weights.begin(), weights.end()));
    SimulatedRun second(options, {2, 1'000, 1});
    const auto begun = second.trainer().weights();
    CHECK(std::vector<float>(begun.begin(), begun.end()) == options.first_weights);
  }
}

TEST_CASE("weights of another shape are no first weights") {
  const TemporaryFolder folder;
  const ModelFile tokenizer = tokenizer_file(folder.file("tokenizer.gguf"));
  ModelParams shape = tiny_trainable();
  shape.vocabulary = kVocabulary;
  SimulatedRun run(tiny_options(shape), {});
  must(run.trainer().export_gguf(folder.file("model.gguf"), "tiny", tokenizer));
  const ModelFile model = must(ModelFile::open(folder.file("model.gguf")));
  ModelParams wider = shape;
  wider.ffn_width += 32;
  const auto other = import_model(model, wider, ParameterTable(wider));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message.find("tensor 'blk.0.ffn_gate.weight' has") != std::string::npos);
  ModelParams deeper = shape;
  ++deeper.layers;
  const auto absent = import_model(model, deeper, ParameterTable(deeper));
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().message.find("no tensor 'blk.") != std::string::npos);
  TrainingOptions options = tiny_options(shape);
  options.first_weights = {1.0f};
  CHECK_FALSE(check_options(options).ok());
}

TEST_CASE("the tokenizer travels with the model, and one of another size is refused") {
  const TemporaryFolder folder;
  const ModelFile tokenizer = tokenizer_file(folder.file("tokenizer.gguf"));
  ModelParams shape = tiny_trainable();
  SimulatedRun other(tiny_options(shape), {});
  const Status refused = other.trainer().export_gguf(folder.file("m.gguf"), "tiny", tokenizer);
  REQUIRE(!refused);
  CHECK(refused.error().message == tokenizer.path() +
                                       ": a tokenizer of 320 tokens, the model has a vocabulary "
                                       "of 50");
  shape.vocabulary = kVocabulary;
  SimulatedRun simulated(tiny_options(shape), {});
  must(simulated.trainer().export_gguf(folder.file("m.gguf"), "tiny", tokenizer));
  const ModelFile model = must(ModelFile::open(folder.file("m.gguf")));
  CHECK(must(model.find_text("general.name")) == "tiny");
  const auto same_texts = [&](const char* key) {
    return std::ranges::equal(*must(model.find_texts(key)), *must(tokenizer.find_texts(key)));
  };
  CHECK(same_texts("tokenizer.ggml.tokens"));
  CHECK(must(model.find_unsigned("tokenizer.ggml.eos_token_id")) == 2);
}

}  // namespace
