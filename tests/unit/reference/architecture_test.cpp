// What every architecture must do beyond the right logits: run as a pipeline, keep to its limits,
// and be named by all of its numbers.

#include <functional>
#include <set>

#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_metadata.hpp"
#include "kernels/weights/model_tensors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

std::vector<float> must(Expected<std::vector<float>> result) {
  if (!result) FAIL(result.error().message);
  return std::move(result).value();
}

// Logits of all positions, the text fed in pieces of `piece` rows through one engine a layer.
LogitRows staged_logits(const LoadedModel& whole, const std::vector<TokenId>& tokens,
                        std::size_t piece) {
  ThreadPool pool(2);
  std::vector<std::unique_ptr<Engine>> stages;
  for (int layer = 0; layer < whole.model->params().layers; ++layer) {
    auto model = Model::load(whole.file, pool, LayerRange{layer, layer + 1});
    REQUIRE(model);
    stages.push_back(std::make_unique<Engine>(*model, nullptr, pool, best_isa(), EngineOptions{}));
  }
  const auto vocabulary = static_cast<std::size_t>(whole.model->params().vocabulary);
  LogitRows rows;
  for (std::size_t first = 0; first < tokens.size(); first += piece) {
    const auto part = std::span(tokens).subspan(first, std::min(piece, tokens.size() - first));
    const int position = static_cast<int>(first);
    std::vector<float> values = must(stages.front()->run_stage({1, position, part, {}}));
    for (std::size_t stage = 1; stage < stages.size(); ++stage) {
      values = must(stages[stage]->run_stage({1, position, {}, values}));
    }
    for (std::size_t at = 0; at < values.size(); at += vocabulary) {
      const auto row = std::span(values).subspan(at, vocabulary);
      rows.emplace_back(row.begin(), row.end());
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("one stage a layer gives the logits of the whole model in every architecture") {
  for (const SynthShape& shape : architecture_shapes()) {
    INFO(shape.name);
    const LoadedModel loaded = tiny_model(TensorType::f16, shape);
    const auto tokens = random_tokens(75, shape.vocabulary, 8);
    const std::string expected = digest_of(scored_logits(loaded, tokens, 0, {}));
    CHECK(digest_of(staged_logits(loaded, tokens, 75)) == expected);
    CHECK(digest_of(staged_logits(loaded, tokens, 13)) == expected);
  }
}

TEST_CASE("a model with learned positions takes no text beyond them") {
  SynthShape shape = architecture_shapes().back();
  shape.context = 48;
  const LoadedModel loaded = tiny_model(TensorType::f32, shape);
  ThreadPool pool(1);
  EngineOptions options;
  options.context_max = 1'000;
  Engine engine(loaded.model, nullptr, pool, best_isa(), options);
  CHECK(engine.add_scoring(random_tokens(48, shape.vocabulary, 1), 0).ok());
  CHECK(!engine.add_scoring(random_tokens(49, shape.vocabulary, 1), 0).ok());
}

TEST_CASE("a window changes logits only behind its first key, and a wide one changes nothing") {
  SynthShape shape = tiny_shape();
  const auto tokens = random_tokens(70, shape.vocabulary, 2);
  const LogitRows all = scored_logits(tiny_model(TensorType::f32, shape), tokens, 0, {});
  shape.window = 33;
  const LogitRows some = scored_logits(tiny_model(TensorType::f32, shape), tokens, 0, {});
  for (std::size_t p = 0; p < tokens.size(); ++p) CHECK((all[p] == some[p]) == (p < 33));
  shape.window = 70;
  const LogitRows wide = scored_logits(tiny_model(TensorType::f32, shape), tokens, 0, {});
  CHECK(digest_of(wide) == digest_of(all));
}

TEST_CASE("an id of the arithmetic tells whether the further steps were tried in this process") {
  ThreadPool pool(1);
  const auto id_of = [&pool](const SynthShape& shape) {
    const LoadedModel loaded = tiny_model(TensorType::f32, shape);
    return Engine(loaded.model, nullptr, pool, best_isa(), {}).numerics();
  };
  const std::string plain = id_of(tiny_shape());
  CHECK(id_of(tied_shape()) == plain);
  for (const SynthShape& shape : architecture_shapes()) {
    INFO(shape.name);
    CHECK(id_of(shape) != plain);
  }
}

TEST_CASE("every number that decides an architecture's text is part of the model's name") {
  const std::function<void(SynthShape&)> changes[] = {
      [](SynthShape&) {},
      [](SynthShape& s) { s.window = 36; },
      [](SynthShape& s) { s.window_pattern = 2; },
      [](SynthShape& s) { s.rope_linear_scale = 4; },
      [](SynthShape& s) { s.rope_base = 2e6; },
      [](SynthShape& s) { s.rope_dim = 32; },
      [](SynthShape& s) { s.norm_epsilon = 1e-6f; }};
  std::set<std::string> names;
  for (const auto& change : changes) {
    SynthShape shape = architecture_shapes()[3];
    REQUIRE(shape.architecture == "gemma3");
    change(shape);
    names.insert(hex(tiny_model(TensorType::f32, shape).model->id()));
  }
  CHECK(names.size() == std::size(changes));
}
