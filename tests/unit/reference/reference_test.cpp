// Logits of the engine against the plain double-precision reference.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/engine/page_codec.hpp"
#include "kernels/weights/half.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/reference_model.hpp"
#include "tests/unit/reference/tiny_model.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr int kTokens = 64;  // two full pages

std::vector<SynthShape> shapes() {
  std::vector<SynthShape> shapes{tiny_shape(), tied_shape(), wide_heads_shape()};
  for (const SynthShape& shape : architecture_shapes()) shapes.push_back(shape);
  return shapes;
}

double largest_magnitude(const std::vector<ReferenceModel::Position>& reference) {
  double largest = 0;
  for (const auto& position : reference) {
    for (const double logit : position.logits) largest = std::max(largest, std::fabs(logit));
  }
  return largest;
}

// Per position: max |difference| / max |reference logit of the text|.
std::vector<double> relative_errors(const LogitRows& rows,
                                    const std::vector<ReferenceModel::Position>& reference) {
  REQUIRE(rows.size() == reference.size());
  const double largest = largest_magnitude(reference);
  std::vector<double> errors;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    double difference = 0;
    for (std::size_t i = 0; i < rows[p].size(); ++i) {
      difference = std::max(difference, std::fabs(rows[p][i] - reference[p].logits[i]));
    }
    errors.push_back(difference / largest);
  }
  return errors;
}

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

// Where element `dimension` of a head of the file stands inside: pairs are (i, i + rotated / 2).
int inside_of(const ModelParams& params, int dimension) {
  const int rotated = params.rotated_dim();
  if (params.features.rope_pairs == RopePairs::halves || dimension >= rotated) return dimension;
  return dimension / 2 + dimension % 2 * (rotated / 2);
}

// The engine's own f16 K and V, read out of its exported pages.
StoredKv stored_kv(Engine& engine, const ModelParams& params, const std::vector<TokenId>& tokens) {
  std::vector<std::vector<std::byte>> pages;
  for (const Id& name : engine.page_names(tokens)) {
    const auto bytes = engine.export_page(name).value();
    const std::span<const std::byte> payload = decode_page(bytes).value().payload;
    pages.emplace_back(payload.begin(), payload.end());
  }
  return [pages, params](KvPart part, int layer, int position, int kv_head, int dimension) {
    const int d = params.head_dim, slot = position % 32;
    const std::size_t half_page = static_cast<std::size_t>(params.kv_heads) * d * 32;
    const int inside = inside_of(params, dimension);
    std::size_t index = layer * 2 * half_page + static_cast<std::size_t>(kv_head) * d * 32;
    index += part == KvPart::key ? static_cast<std::size_t>(inside) * 32 + slot
                                 : half_page + static_cast<std::size_t>(slot) * d + dimension;
    std::uint16_t half;
    std::memcpy(&half, pages[position / 32].data() + index * 2, sizeof half);
    return static_cast<double>(half_to_float(half));
  };
}

// An engine's logits of a text, and the rules that make the reference read its K and V.
struct Evaluated {
  LogitRows rows;
  ReferenceRules rules;
};

Evaluated evaluate(const LoadedModel& loaded, const std::vector<TokenId>& tokens) {
  ThreadPool pool(1);
  EngineOptions options;
  options.context_max = 256;
  Engine engine(loaded.model, nullptr, pool, best_isa(), options);
  Evaluated out;
  out.rows = scored_logits(engine, tokens, 0);
  out.rules.stored = stored_kv(engine, loaded.model->params(), tokens);
  return out;
}

// A rounding tie that f32 and double take differently changes one code, that changes every output
// of the row by up to 1e-3, and the next quantiser then flips one code in ten: the position ends up
// with the quantiser's own noise, about 1e-2, whoever is right. So the tight bar holds where the
// reference saw no near tie, and positions are kept apart by reading the engine's K and V.
void check_quantised(const LoadedModel& loaded) {
  const auto tokens = random_tokens(kTokens, loaded.model->params().vocabulary, 1);
  const Evaluated engine = evaluate(loaded, tokens);
  const auto reference = ReferenceModel(loaded.file).evaluate(tokens, engine.rules);
  const std::vector<double> errors = relative_errors(engine.rows, reference);
  int clear = 0;
  for (std::size_t p = 0; p < errors.size(); ++p) {
    INFO(loaded.model->quantisation() << " position " << p << " tie " << reference[p].nearest_tie);
    CHECK(errors[p] <= 4e-2);
    if (reference[p].nearest_tie < 1e-4) continue;
    ++clear;
    CHECK(errors[p] <= 2e-3);
  }
  CHECK(clear >= kTokens / 2);
}

}  // namespace

TEST_CASE("logits of f16 and bf16 models lie within 2e-3 of the reference") {
  for (const TensorType type : {TensorType::f16, TensorType::bf16}) {
    for (const SynthShape& shape : shapes()) {
      INFO(shape.name << " " << traits_of(type)->name);
      const LoadedModel loaded = tiny_model(type, shape);
      const auto tokens = random_tokens(kTokens, loaded.model->params().vocabulary, 1);
      const auto reference = ReferenceModel(loaded.file).evaluate(tokens, {});
      CHECK(largest(relative_errors(scored_logits(loaded, tokens, 0, {}), reference)) <= 2e-3);
    }
  }
}

TEST_CASE(
    "logits of quantised models lie within 2e-3 wherever no activation is near a rounding tie") {
  for (const SynthShape& shape : shapes()) {
    INFO(shape.name);
    check_quantised(tiny_model(TensorType::q8_0, shape));
    check_quantised(tiny_model(TensorType::q4_0, shape));
  }
}

TEST_CASE("logits of the other quantised formats and of a mix lie within the same bar") {
  for (const TensorType type : {TensorType::q4_1, TensorType::q5_0, TensorType::q5_1,
                                TensorType::q4_k, TensorType::q5_k, TensorType::q6_k}) {
    INFO(traits_of(type)->name);
    const LoadedModel loaded = tiny_model(type);
    for (const Tensor& tensor : loaded.file.tensors()) {
      CHECK((tensor.type == type || tensor.shape.size() == 1));
    }
    check_quantised(loaded);
  }
  check_quantised(tiny_model(*recipe_named("q4_k_m"), grouped_shape()));
  check_quantised(tiny_model(*recipe_named("q5_k_m"), wide_heads_shape()));  // Q5_1 and Q8_0
}

TEST_CASE("logits of an f32 model lie within 1e-3 of exact arithmetic") {
  ReferenceRules exact;
  exact.round_kv = false;
  for (const SynthShape& shape : shapes()) {
    INFO(shape.name);
    const LoadedModel loaded = tiny_model(TensorType::f32, shape);
    const auto tokens = random_tokens(kTokens, loaded.model->params().vocabulary, 2);
    const auto reference = ReferenceModel(loaded.file).evaluate(tokens, exact);
    CHECK(largest(relative_errors(scored_logits(loaded, tokens, 0, {}), reference)) <= 1e-3);
  }
}

TEST_CASE(
    "logits of an f32 model lie within 1e-5 of the reference that reads the engine's K and V") {
  for (const SynthShape& shape : shapes()) {
    INFO(shape.name);
    const LoadedModel loaded = tiny_model(TensorType::f32, shape);
    const auto tokens = random_tokens(kTokens, loaded.model->params().vocabulary, 3);
    const Evaluated engine = evaluate(loaded, tokens);
    const auto reference = ReferenceModel(loaded.file).evaluate(tokens, engine.rules);
    CHECK(largest(relative_errors(engine.rows, reference)) <= 1e-5);
  }
}
