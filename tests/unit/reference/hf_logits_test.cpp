// The same weights as a GGUF file and as a Hugging Face folder compute the same bits.

#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/convert.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"
#include "tests/unit/weights/hf_writer.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

std::string digest(const LoadedModel& loaded) {
  const auto tokens = random_tokens(70, loaded.model->params().vocabulary, 3);
  return digest_of(scored_logits(loaded, tokens, 0, {}));
}

// What safetensors may hold, as far as there are kernels for it.
std::vector<TensorType> types() {
  std::vector<TensorType> all = {TensorType::f32, TensorType::f16};
  if (has_kernel(TensorType::bf16)) all.push_back(TensorType::bf16);
  return all;
}

std::vector<SynthShape> shapes() {
  std::vector<SynthShape> all = architecture_shapes();
  for (SynthShape& shape : all) {
    if (shape.architecture == "llama") shape.rope_dim = 0;  // transformers turns whole heads
  }
  all.insert(all.end(), {tiny_shape(), tied_shape(), wide_heads_shape()});
  return all;
}

}  // namespace

TEST_CASE("a folder computes the logits of the GGUF file of its weights in every architecture") {
  for (const SynthShape& shape : shapes()) {
    for (const TensorType type : types()) {
      INFO(shape.name << " " << traits_of(type)->name);
      const TemporaryFolder folder;
      REQUIRE(synthesise(shape, type, kTinySeed, folder.file("m.gguf")));
      const LoadedModel file = load_model(folder.file("m.gguf"));
      test::write_hf_folder(file.file, folder.file("hf"), 2);
      const LoadedModel hf = load_model(folder.file("hf"));
      CHECK(digest(hf) == digest(file));
      // A head that repeats the embedding is left out, which is another model by name.
      if (!shape.repeats_embedding) CHECK(hf.model->id() == file.model->id());
      CHECK(Tokenizer::load(hf.file).value().fingerprint() ==
            Tokenizer::load(file.file).value().fingerprint());
      REQUIRE(convert_gguf(hf.file, TensorType::f32, folder.file("made.gguf")));
      if (type == TensorType::f32) {
        CHECK(digest(load_model(folder.file("made.gguf"))) == digest(file));
      }
    }
  }
}
