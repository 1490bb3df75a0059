#include "tests/unit/reference/tiny_model.hpp"

#include <stdexcept>

#include "kernels/base/philox.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::kernels::testing {
namespace {

template <class T>
T must(Expected<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

EngineOptions options_for(const RunKnobs& knobs) {
  EngineOptions options;
  options.context_max = 1'024;
  options.sequences_max = knobs.batch;
  options.chunk_tokens = knobs.chunk;
  return options;
}

void run_to_idle(Engine& engine) {
  while (!engine.idle()) {
    const StepResult step = engine.step();
    if (!step.failed.empty()) throw std::runtime_error(step.failed.front().second.message);
  }
}

}  // namespace

SynthShape tiny_shape() {
  SynthShape shape;
  shape.name = "tiny";
  shape.layers = 2;
  shape.width = 128;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 32;
  shape.ffn_width = 352;
  shape.vocabulary = 320;
  shape.context = 1'024;
  return shape;
}

SynthShape tied_shape() {
  SynthShape shape = tiny_shape();
  shape.name = "tied";
  shape.heads = shape.kv_heads = 4;
  shape.tied = true;
  shape.rope_base = 500'000;
  shape.llama3_rope = true;
  return shape;
}

SynthShape wide_heads_shape() {
  SynthShape shape = tiny_shape();
  shape.name = "wide-heads";
  shape.layers = 3;
  shape.width = 96;
  shape.heads = 5;
  shape.kv_heads = 1;
  shape.ffn_width = 160;
  return shape;
}

std::vector<SynthShape> architecture_shapes() {
  const auto shape_of = [](std::string_view name, std::string_view architecture) {
    SynthShape shape = tiny_shape();
    shape.name = name;
    shape.architecture = architecture;
    return shape;
  };
  SynthShape mistral = shape_of("llama with biases and a window", "llama");
  mistral.biases = true;
  mistral.window = 37;
  mistral.rope_dim = 24;
  SynthShape qwen2 = shape_of("qwen2", "qwen2");
  qwen2.rope_base = 1e6;
  SynthShape qwen3 = shape_of("qwen3", "qwen3");
  qwen3.head_dim = 48;
  qwen3.tied = true;
  SynthShape gemma = shape_of("gemma3", "gemma3");
  gemma.layers = 4;
  gemma.width = 96;
  gemma.head_dim = 40;
  gemma.tied = true;
  gemma.rope_base = 1e6;
  gemma.rope_linear_scale = 8;
  gemma.window = 21;
  gemma.window_pattern = 3;
  SynthShape phi = shape_of("phi3 with short divisors and a window", "phi3");
  phi.original_context = phi.context;
  phi.window = 45;
  SynthShape phi_long = shape_of("phi3 with long divisors, in part turned", "phi3");
  phi_long.head_dim = 24;
  phi_long.rope_dim = 16;
  phi_long.original_context = 256;
  SynthShape gpt2 = shape_of("gpt2", "gpt2");
  gpt2.kv_heads = 4;
  gpt2.repeats_embedding = true;
  SynthShape gpt2_tied = gpt2;
  gpt2_tied.name = "gpt2, tied";
  gpt2_tied.repeats_embedding = false;
  gpt2_tied.tied = true;
  return {mistral, qwen2, qwen3, gemma, phi, phi_long, gpt2, gpt2_tied};
}

SynthShape grouped_shape() {
  SynthShape shape = tiny_shape();
  shape.name = "grouped";
  shape.width = 256;
  shape.head_dim = 64;
  shape.ffn_width = 256;
  return shape;
}

SynthShape shape_for(TensorType type) {
  return traits_of(type)->block_elements == 256 ? grouped_shape() : tiny_shape();
}

LoadedModel load_model(const std::string& path) {
  ModelFile file = must(ModelFile::open(path));
  ThreadPool pool(2);
  std::shared_ptr<const Model> model = must(Model::load(file, pool));
  return {file, model};
}

LoadedModel tiny_model(const WeightRecipe& recipe, const SynthShape& shape) {
  const TemporaryFolder folder;
  const std::string path = folder.file("tiny.gguf");
  const Status made = synthesise(shape, recipe, kTinySeed, path);
  if (!made.ok()) throw std::runtime_error(made.error().message);
  return load_model(path);
}

std::vector<TokenId> random_tokens(std::size_t count, int vocabulary, std::uint64_t seed) {
  std::vector<TokenId> tokens(count);
  for (std::size_t i = 0; i < count; ++i) {
    tokens[i] = static_cast<TokenId>(3 + philox64(seed, i, 0) % (vocabulary - 3));
  }
  return tokens;
}

LogitRows scored_logits(const LoadedModel& loaded, const std::vector<TokenId>& tokens, int from,
                        const RunKnobs& knobs) {
  ThreadPool pool(knobs.threads);
  Engine engine(loaded.model, nullptr, pool, knobs.isa, options_for(knobs));
  LogitRows rows;
  SequenceId measured = 0;
  engine.set_logits_sink([&](SequenceId sequence, int, std::span<const float> logits) {
    if (sequence == measured) rows.emplace_back(logits.begin(), logits.end());
  });
  const int vocabulary = loaded.model->params().vocabulary;
  for (int i = 0; i < knobs.batch; ++i) {
    if (i == knobs.batch / 2) {
      measured = must(engine.add_scoring(tokens, from));
    } else {
      const int length = 3 + i * 7 % knobs.mate_tokens;
      must(engine.add_scoring(random_tokens(length, vocabulary, 100 + i), length - 1));
    }
  }
  run_to_idle(engine);
  return rows;
}

LogitRows scored_logits(Engine& engine, const std::vector<TokenId>& tokens, int from) {
  LogitRows rows;
  engine.set_logits_sink([&](SequenceId, int, std::span<const float> logits) {
    rows.emplace_back(logits.begin(), logits.end());
  });
  must(engine.add_scoring(tokens, from));
  run_to_idle(engine);
  engine.set_logits_sink(nullptr);
  return rows;
}

std::string digest_of(const LogitRows& rows) {
  Sha256 hash;
  for (const std::vector<float>& row : rows) hash.update(std::as_bytes(std::span(row)));
  return hex(hash.finish());
}

}  // namespace pecia::kernels::testing
