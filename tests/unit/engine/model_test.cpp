#include "kernels/engine/model.hpp"

#include "kernels/engine/numerics.hpp"
#include "tests/unit/engine/engine_fixture.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::kernels {
namespace {

TEST_CASE("a layer range holds its own matrices, and both parts hold the whole") {
  const TinyModel& model = tiny_model();
  CHECK(model.front->has_embedding());
  CHECK_FALSE(model.front->has_head());
  CHECK_FALSE(model.back->has_embedding());
  CHECK(model.back->has_head());
  CHECK(model.front->matrix_weights() + model.back->matrix_weights() ==
        model.whole->matrix_weights());
  CHECK(model.front->matrix_bytes() + model.back->matrix_bytes() == model.whole->matrix_bytes());
  const std::uint64_t layer = 64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 96;
  CHECK(model.whole->matrix_weights() == 3 * layer + 300 * 64);
}

TEST_CASE("the model's type is the one most weights have") {
  CHECK(tiny_model(TensorType::q4_0).whole->quantisation() == "Q4_0");
  CHECK(tiny_model(TensorType::f16).whole->quantisation() == "F16");
}

TEST_CASE("a part of a model counts its sums as the whole does, whatever formats it holds") {
  const TemporaryFolder folder;
  SynthShape shape = tiny_shape_for(TensorType::q4_k);
  shape.vocabulary =
      3'000;  // of the head, in the better format: more than a layer has in the other
  const WeightRecipe mixed(TensorType::q4_k, TensorType::q6_k);
  REQUIRE(synthesise(shape, mixed, testing::kTinySeed, folder.file("m.gguf")));
  const ModelFile file = checked(ModelFile::open(folder.file("m.gguf")));
  const KernelTable& kernels = kernel_table(Isa::portable);
  const auto id_of = [&](std::optional<LayerRange> range) {
    return numerics_id(test_pool(), kernels, *checked(Model::load(file, test_pool(), range)));
  };
  const std::string whole = id_of({});
  CHECK(whole.find("-Q4_K-") != std::string::npos);
  CHECK(id_of(LayerRange{0, 2}) == whole);
  CHECK(id_of(LayerRange{2, 3}) == whole);
}

TEST_CASE("a layer range outside the model is refused with both ranges") {
  const TemporaryFolder folder;
  const std::string path = folder.file("tiny.gguf");
  REQUIRE(synthesise(kTinyShape, TensorType::f32, testing::kTinySeed, path));
  const ModelFile file = checked(ModelFile::open(path));
  for (const LayerRange range : {LayerRange{0, 4}, LayerRange{2, 2}, LayerRange{-1, 2}}) {
    const auto model = Model::load(file, test_pool(), range);
    REQUIRE_FALSE(model);
    CHECK(model.error().kind == ErrorKind::refuse);
    CHECK(model.error().message.find("[0,3)") != std::string::npos);
  }
}

TEST_CASE("one changed weight is another model") {
  const TemporaryFolder folder;
  const std::string path = folder.file("tiny.gguf");
  REQUIRE(synthesise(kTinyShape, TensorType::f32, testing::kTinySeed, path));
  CHECK(checked(Model::load(checked(ModelFile::open(path)), test_pool()))->id() ==
        tiny_model().whole->id());
  std::string bytes = read_file(path);
  bytes[bytes.size() - 3] ^= 1;
  write_file(path, bytes);
  CHECK(checked(Model::load(checked(ModelFile::open(path)), test_pool()))->id() !=
        tiny_model().whole->id());
}

// The published text of the reference program for an empty prompt.
TEST_CASE("stories260K writes its published greedy text") {
  const std::string folder = PECIA_SHARED_DIR "/models/";
  const std::string expected = read_file(folder + "stories260K.greedy200.txt");
  if (expected.empty()) PECIA_SKIP("no shared models");
  const ModelFile file = checked(ModelFile::open(folder + "stories260K-f32.gguf"));
  const auto model = checked(Model::load(file, test_pool()));
  const auto tokenizer = std::make_shared<const Tokenizer>(checked(Tokenizer::load(file)));
  // The text is longer than the trained context that the file names (128).
  Engine engine(model, tokenizer, test_pool(), best_isa(), {.context_max = 256});
  Request request;
  request.prompt = {tokenizer->bos()};
  request.tokens_max = 200;
  request.sampling.temperature = 0;
  REQUIRE(engine.add(request));
  std::vector<TokenId> tokens;
  while (!engine.idle()) {
    const StepResult result = engine.step();
    CHECK(result.failed.empty());
    for (const TokenEvent& event : result.tokens) tokens.push_back(event.id);
  }
  CHECK(tokens.size() == 200);
  CHECK(tokenizer->decode(tokens) + "\n" == expected);
}

}  // namespace
}  // namespace pecia::kernels
