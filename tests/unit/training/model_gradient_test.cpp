// Whole tiny models: the gradient of every tensor against central differences of the double
// reference, and its bits on every instruction set, number of threads and grouping into passes.

#include <cmath>
#include <string>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/training/model_pass.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cpu/random_tensor.hpp"
#include "tests/unit/training/double_reference.hpp"
#include "tests/unit/training/tiny_training.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr double kTolerance = 1e-4;

struct Model {
  ModelParams shape;
  ParameterTable table;
  std::vector<float> weights;

  explicit Model(const ModelParams& params)
      : shape(params), table(params), weights(table.floats()) {
    initialise(table, shape, 11, 0.15, weights.data());
  }
  std::vector<double> doubles() const { return {weights.begin(), weights.end()}; }
};

struct Gradient {
  std::vector<float> values;
  std::vector<float> losses;
};

Gradient gradient_of(Model& model, const std::vector<PassInput>& passes, const KernelTable& kernels,
                     int threads) {
  ThreadPool pool(threads);
  const ModelView weights = view_of(model.table, model.shape, model.weights.data());
  TransposedWeights transposed(weights);
  transposed.refresh(pool, kernels, weights);
  Gradient gradient{std::vector<float>(model.table.floats()), {}};
  const ModelView sums = view_of(model.table, model.shape, gradient.values.data());
  ModelPass pass(pool, kernels, model.shape);
  for (const PassInput& input : passes) {
    pass.forward(input, weights, transposed);
    gradient.losses.insert(gradient.losses.end(), pass.losses().begin(), pass.losses().end());
    pass.backward(input, weights, sums);
  }
  return gradient;
}

void check_tensor(const Model& model, const ParameterSpec& spec, const PassInput& input,
                  const std::vector<float>& gradient) {
  const std::vector<double> parameters = model.doubles();
  const Function loss = [&](const std::vector<double>& values) {
    return reference_model_loss(model.shape, model.table, values, input);
  };
  double norm = 0;
  std::size_t steepest = spec.offset;
  for (std::size_t i = spec.offset; i < spec.offset + spec.floats(); ++i) {
    norm += double(gradient[i]) * gradient[i];
    if (std::abs(gradient[i]) > std::abs(gradient[steepest])) steepest = i;
  }
  REQUIRE(norm > 0);
  std::vector<double> direction(parameters.size());
  direction[steepest] = 1;
  CHECK(slope_along(loss, parameters, direction) == Approx(gradient[steepest]).epsilon(kTolerance));
  double expected = 0;
  for (std::size_t i = spec.offset; i < spec.offset + spec.floats(); ++i) {
    direction[i] = random_unit(31, i);
    expected += direction[i] * gradient[i];
  }
  CHECK(std::abs(slope_along(loss, parameters, direction) - expected) <=
        kTolerance * std::sqrt(norm));
}

TEST_CASE("the gradient of every tensor of a whole model follows central differences") {
  for (const ModelParams& shape : {tiny_trainable(), tied_trainable()}) {
    Model model(shape);
    const PassInput input = random_input({{40, 7}, {140}}, shape.vocabulary, 5);
    const Gradient gradient = gradient_of(model, {input}, *runnable_kernel_tables().tables[0], 2);
    double total = 0;
    for (const float loss : gradient.losses) total += loss;
    CHECK(total ==
          Approx(reference_model_loss(shape, model.table, model.doubles(), input)).epsilon(1e-6));
    for (const ParameterSpec& spec : model.table.entries()) {
      INFO(spec.name << (shape.tied_embeddings ? " of the tied model" : ""));
      check_tensor(model, spec, input, gradient.values);
    }
  }
}

std::string digest(const Gradient& gradient) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(gradient.values)));
  hash.update(std::as_bytes(std::span(gradient.losses)));
  return hex(hash.finish());
}

TEST_CASE("a model's gradient has one set of bits on all instruction sets and threads") {
  Model model(tied_trainable());
  const PassInput input = random_input({{40, 7}, {140}, {3}}, model.shape.vocabulary, 6);
  const KernelTableList list = runnable_kernel_tables();
  const std::string expected = digest(gradient_of(model, {input}, *list.tables[0], 1));
  for (int i = 0; i < list.count; ++i) {
    INFO(list.tables[i]->name);
    CHECK(digest(gradient_of(model, {input}, *list.tables[i], 3)) == expected);
  }
}

TEST_CASE("units of one pass and of many have one gradient, bit for bit") {
  Model model(tiny_trainable());
  const PassInput all = random_input({{40, 7}, {140}, {3}}, model.shape.vocabulary, 7);
  const KernelTable& kernels = *runnable_kernel_tables().tables[0];
  std::vector<PassInput> alone;
  std::size_t sequence = 0;
  for (const RowRange& unit : all.rows.units) {
    PassInput one;
    const auto part = [&unit](const auto& list) {
      return std::vector(list.begin() + unit.first, list.begin() + unit.first + unit.rows);
    };
    one.tokens = part(all.tokens), one.targets = part(all.targets), one.weights = part(all.weights);
    one.rows.rows = unit.rows;
    one.rows.units = {{0, unit.rows}};
    for (int rows = 0; rows < unit.rows; rows += one.rows.sequences.back().rows) {
      one.rows.sequences.push_back({rows, all.rows.sequences[sequence++].rows});
    }
    alone.push_back(one);
  }
  CHECK(digest(gradient_of(model, {all}, kernels, 2)) ==
        digest(gradient_of(model, alone, kernels, 2)));
}

}  // namespace
