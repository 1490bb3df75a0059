#pragma once
// Tiny random models and engines over them, and what one sequence of an engine brought forth.

#include <fmt/format.h>

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/cpu/attention.hpp"
#include "kernels/engine/engine.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"

namespace pecia::kernels {

inline constexpr SynthShape kTinyShape{.name = "tiny",
                                       .layers = 3,
                                       .width = 64,
                                       .heads = 4,
                                       .kv_heads = 2,
                                       .head_dim = 16,
                                       .ffn_width = 96,
                                       .vocabulary = 300,
                                       .context = 192};

// Rows that divide by 256, for the K formats.
inline SynthShape tiny_shape_for(TensorType type) {
  SynthShape shape = kTinyShape;
  if (traits_of(type)->block_elements == 256) {
    shape.width = shape.ffn_width = 256;
    shape.head_dim = 64;
  }
  return shape;
}

struct TinyModel {
  std::shared_ptr<const Model> whole;
  std::shared_ptr<const Model> front;  // layers [0, 1)
  std::shared_ptr<const Model> back;   // the others
  std::shared_ptr<const Tokenizer> tokenizer;
};

inline ThreadPool& test_pool() {
  static ThreadPool pool(2);
  return pool;
}

template <class T>
T checked(Expected<T> value) {
  if (!value) FAIL(value.error().message);
  return std::move(*value);
}

// Models are made once a type for the whole test program.
inline const TinyModel& tiny_model(TensorType type = TensorType::f32) {
  static std::map<TensorType, TinyModel> made;
  TinyModel& model = made[type];
  if (model.whole) return model;
  const auto [file, whole] = testing::tiny_model(type, tiny_shape_for(type));
  model.whole = whole;
  model.front = checked(Model::load(file, test_pool(), LayerRange{0, 1}));
  model.back = checked(Model::load(file, test_pool(), LayerRange{1, kTinyShape.layers}));
  model.tokenizer = std::make_shared<const Tokenizer>(checked(Tokenizer::load(file)));
  return model;
}

inline std::vector<TokenId> random_tokens(std::size_t count, std::uint64_t seed = 1) {
  return testing::random_tokens(count, kTinyShape.vocabulary, seed);
}

// What one sequence brought forth; equal means equal to the last bit.
struct Outcome {
  std::vector<TokenId> tokens;
  std::vector<float> logprobs;
  std::map<int, std::vector<float>> logits;  // by position
  std::optional<EndReason> end;
  std::string failure;
  bool operator==(const Outcome&) const = default;
};

// An engine that remembers what comes out of it.
class TestEngine {
 public:
  explicit TestEngine(EngineOptions options = {}, TensorType type = TensorType::f32,
                      Isa isa = best_isa(), ThreadPool& pool = test_pool())
      : engine(tiny_model(type).whole, tiny_model(type).tokenizer, pool, isa, std::move(options)) {
    engine.set_logits_sink([this](SequenceId id, int position, std::span<const float> logits) {
      outcomes[id].logits[position].assign(logits.begin(), logits.end());
    });
  }

  SequenceId add(Request request) { return checked(engine.add(std::move(request))); }

  StepResult step() {
    StepResult result = engine.step();
    for (const TokenEvent& event : result.tokens) {
      Outcome& outcome = outcomes[event.sequence];
      outcome.tokens.push_back(event.id);
      outcome.logprobs.push_back(event.logprob);
      outcome.end = event.end;
    }
    for (const auto& [id, error] : result.failed) outcomes[id].failure = error.message;
    return result;
  }

  void finish() {
    for (int steps = 0; !engine.idle(); ++steps) {
      REQUIRE(steps < 10'000);
      step();
    }
  }

  Outcome run(Request request) {
    const SequenceId id = add(std::move(request));
    finish();
    return outcomes[id];
  }

  Engine engine;
  std::map<SequenceId, Outcome> outcomes;
};

// A request that ends by its length alone.
inline Request request_of(std::vector<TokenId> prompt, int tokens_max) {
  Request request;
  request.prompt = std::move(prompt);
  request.tokens_max = tokens_max;
  request.sampling.temperature = 1;
  request.sampling.repeat_penalty = 1.1f;
  request.key = sampling_key(1, "0");
  request.ignore_eos = true;
  return request;
}

}  // namespace pecia::kernels
