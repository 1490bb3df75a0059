#include "kernels/weights/synth.hpp"

#include <cmath>
#include <set>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/quantise.hpp"
#include "kernels/weights/rope_scaling.hpp"
#include "kernels/weights/synth_weights.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

constexpr SynthShape kTiny{.name = "tiny",
                           .layers = 2,
                           .width = 64,
                           .heads = 4,
                           .kv_heads = 2,
                           .head_dim = 16,
                           .ffn_width = 96,
                           .vocabulary = 400,
                           .context = 128,
                           .llama3_rope = true};
constexpr TensorType kTypes[] = {TensorType::f32,  TensorType::f16,  TensorType::bf16,
                                 TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                 TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                 TensorType::q5_k, TensorType::q6_k};

// Every row a whole number of the format's blocks.
SynthShape shape_for(TensorType type) {
  SynthShape shape = kTiny;
  if (traits_of(type)->block_elements == 256) {
    shape.width = 256;
    shape.head_dim = 64;
    shape.ffn_width = 512;
    shape.vocabulary = 800;
  }
  return shape;
}

ModelFile made(const SynthShape& shape, TensorType type, const std::string& path,
               std::uint64_t seed = 1) {
  REQUIRE(synthesise(shape, type, seed, path));
  auto file = ModelFile::open(path);
  REQUIRE(file);
  return std::move(file).value();
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};
Moments moments(const Tensor& tensor) {
  std::vector<float> values(tensor.cols() * tensor.rows());
  dequantise_row(tensor.type, tensor.bytes, values);
  double sum = 0;
  double squares = 0;
  for (const double value : values) sum += value, squares += value * value;
  const auto count = static_cast<double>(values.size());
  return {sum / count, std::sqrt(squares / count)};
}

}  // namespace

TEST_CASE("a synthetic model reads back as the shape it was made of, in every format") {
  const TemporaryFolder folder;
  for (const TensorType type : kTypes) {
    const SynthShape shape = shape_for(type);
    const ModelFile file = made(shape, type, folder.file("m"));
    const auto params = read_model_params(file);
    REQUIRE(params);
    CHECK(params->layers == 2);
    CHECK(params->width == shape.width);
    CHECK(params->heads == 4);
    CHECK(params->kv_heads == 2);
    CHECK(params->head_dim == shape.head_dim);
    CHECK(params->ffn_width == shape.ffn_width);
    CHECK(params->vocabulary == shape.vocabulary);
    CHECK(params->context == 128);
    CHECK(!params->tied_embeddings);
    CHECK(params->rope_frequency_divisor == llama3_rope_divisors({.dimensions = shape.head_dim}));
    CHECK(file.tensor("blk.1.ffn_down.weight")->type == type);
  }
}

TEST_CASE("a tied shape has no output tensor") {
  const TemporaryFolder folder;
  SynthShape shape = kTiny;
  shape.tied = true;
  const ModelFile file = made(shape, TensorType::q8_0, folder.file("m"));
  CHECK(file.tensor("output.weight") == nullptr);
  CHECK(read_model_params(file).value().tied_embeddings);
}

TEST_CASE("rows that do not divide are F16 in a quantised synthetic model") {
  const TemporaryFolder folder;
  SynthShape shape = kTiny;
  shape.ffn_width = 100;
  const ModelFile file = made(shape, TensorType::q4_0, folder.file("m"));
  CHECK(file.tensor("blk.0.ffn_down.weight")->type == TensorType::f16);
  CHECK(file.tensor("blk.0.ffn_up.weight")->type == TensorType::q4_0);
  CHECK(read_model_params(file));
}

TEST_CASE("a mixed recipe gives some matrices the better format") {
  const TemporaryFolder folder;
  const SynthShape shape = shape_for(TensorType::q4_k);
  REQUIRE(synthesise(shape, *recipe_named("q4_k_m"), 1, folder.file("m")));
  const ModelFile file = ModelFile::open(folder.file("m")).value();
  CHECK(file.tensor("output.weight")->type == TensorType::q6_k);
  CHECK(file.tensor("blk.0.ffn_down.weight")->type == TensorType::q4_k);
  CHECK(file.tensor("blk.1.ffn_down.weight")->type == TensorType::q6_k);
  CHECK(file.tensor("blk.1.ffn_up.weight")->type == TensorType::q4_k);
  CHECK(file.find_unsigned("general.file_type").value() == 15u);
  CHECK(file.find_unsigned("general.quantization_version").value() == 2u);
  CHECK(read_model_params(file));
}

TEST_CASE("weights have mean 0 and a deviation of 1 over the root of their inputs") {
  const TemporaryFolder folder;
  for (const TensorType type : kTypes) {
    const ModelFile file = made(shape_for(type), type, folder.file("m"));
    for (const char* name : {"token_embd.weight", "blk.0.attn_q.weight", "blk.1.ffn_down.weight"}) {
      const Tensor& tensor = *file.tensor(name);
      const double expected = 1 / std::sqrt(static_cast<double>(tensor.cols()));
      const Moments found = moments(tensor);
      INFO(name << " " << traits_of(type)->name);
      CHECK(found.deviation == Approx(expected).epsilon(0.05));
      CHECK(std::fabs(found.mean) < 0.06 * expected);
    }
  }
}

TEST_CASE("the same seed gives the same bytes, another seed others, and no tensor repeats") {
  const TemporaryFolder folder;
  for (const TensorType type : kTypes) {
    made(kTiny, type, folder.file("a"), 1);
    made(kTiny, type, folder.file("b"), 1);
    made(kTiny, type, folder.file("c"), 2);
    CHECK(read_file(folder.file("a")) == read_file(folder.file("b")));
    CHECK(read_file(folder.file("a")) != read_file(folder.file("c")));
    const ModelFile file = made(kTiny, type, folder.file("a"));
    const auto first = file.tensor("blk.0.attn_q.weight")->bytes;
    const auto second = file.tensor("blk.1.attn_q.weight")->bytes;
    CHECK(!std::equal(first.begin(), first.end(), second.begin()));
  }
}

TEST_CASE("a tensor's weights do not depend on the chunks they are drawn in") {
  for (const TensorType type : kTypes) {
    const std::size_t unit = synth_unit_bytes(type);
    std::vector<std::byte> whole(unit * 10);
    std::vector<std::byte> parts(unit * 10);
    fill_weights(type, 0.1f, {3, 4}, 0, whole);
    fill_weights(type, 0.1f, {3, 4}, 0, std::span(parts).first(unit * 7));
    fill_weights(type, 0.1f, {3, 4}, 7, std::span(parts).subspan(unit * 7));
    CHECK(whole == parts);
  }
}

TEST_CASE("the vocabulary has the right size, every byte, no piece twice and falling scores") {
  const TemporaryFolder folder;
  for (const int size : {kSynthVocabularyMin, 400, 5'000}) {
    SynthShape shape = kTiny;
    shape.vocabulary = size;
    const ModelFile file = made(shape, TensorType::q4_0, folder.file("m"));
    const auto pieces = file.find_texts("tokenizer.ggml.tokens").value().value();
    const auto scores = file.find_floats("tokenizer.ggml.scores").value().value();
    const auto types = file.find_ints("tokenizer.ggml.token_type").value().value();
    const auto count = static_cast<std::size_t>(size);
    REQUIRE(pieces.size() == count);
    REQUIRE(scores.size() == count);
    REQUIRE(types.size() == count);
    CHECK(std::set<std::string_view>(pieces.begin(), pieces.end()).size() == count);
    CHECK(pieces[1] == "<s>");
    CHECK(pieces[3] == "<0x00>");
    CHECK(pieces[258] == "<0xFF>");
    CHECK(types[258] == 6);
    for (std::size_t i = 260; i < count; ++i) REQUIRE(scores[i] < scores[i - 1]);
  }
  CHECK(ModelFile::open(folder.file("m")).value().find_text("tokenizer.ggml.model").value() ==
        "llama");
}

TEST_CASE("llama 3 leaves short waves alone and divides long ones by 32") {
  const auto divisors = llama3_rope_divisors({.base = 500'000, .dimensions = 64});
  REQUIRE(divisors.size() == 32);
  CHECK(divisors.front() == 1.0f);
  CHECK(divisors[14] == 1.0f);
  CHECK(divisors[15] == Approx(1.6513293));  // by the published formula in double
  CHECK(divisors[16] == Approx(3.2922621));
  CHECK(divisors[17] == Approx(9.6667290));
  CHECK(divisors[18] == 32.0f);
  CHECK(divisors.back() == 32.0f);
  for (std::size_t i = 1; i < divisors.size(); ++i) CHECK(divisors[i] >= divisors[i - 1]);
}

TEST_CASE("the shapes have the weights their names promise") {
  const auto weights = [](const SynthShape& s) {
    const double attention = 2.0 * s.width * s.head_dim * (s.heads + s.kv_heads);
    const double layer = attention + 3.0 * s.width * s.ffn_width;
    return s.layers * layer + double(s.width) * s.vocabulary * (s.tied ? 1 : 2);
  };
  REQUIRE(synth_shapes().size() == 9);
  CHECK(weights(*synth_shape_named("tinyllama-1.1b")) == Approx(1.1e9).epsilon(0.001));
  CHECK(weights(*synth_shape_named("smollm2-135m")) == Approx(134.5e6).epsilon(0.001));
  CHECK(weights(*synth_shape_named("llama-3.2-1b")) == Approx(1.2358e9).epsilon(0.001));
  CHECK(weights(*synth_shape_named("llama-3-8b")) == Approx(8.03e9).epsilon(0.001));
  CHECK(weights(*synth_shape_named("qwen2-0.5b")) == Approx(494e6).epsilon(0.001));
  CHECK(weights(*synth_shape_named("qwen3-0.6b")) == Approx(596e6).epsilon(0.001));
  CHECK(weights(*synth_shape_named("gemma-3-1b")) == Approx(1.0e9).epsilon(0.001));
  CHECK(weights(*synth_shape_named("phi-3-mini")) == Approx(3.82e9).epsilon(0.001));
  CHECK(synth_shape_named("llama-4") == nullptr);
}

TEST_CASE("a shape that cannot be a model is refused, and no file is left") {
  const TemporaryFolder folder;
  const auto refused = [&](auto change) {
    SynthShape shape = kTiny;
    change(shape);
    return !synthesise(shape, TensorType::f16, 1, folder.file("m"));
  };
  CHECK(refused([](SynthShape& s) { s.layers = 0; }));
  CHECK(refused([](SynthShape& s) { s.kv_heads = 3; }));
  CHECK(refused([](SynthShape& s) { s.head_dim = 15; }));
  CHECK(refused([](SynthShape& s) { s.vocabulary = kSynthVocabularyMin - 1; }));
  CHECK(!synthesise(kTiny, TensorType::q3_k, 1, folder.file("m")));
  CHECK(folder.entries() == 0);
  CHECK(!refused([](SynthShape&) {}));
}
