// Files that other programs made.
#include <filesystem>

#include "kernels/weights/convert.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/model_params.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

std::string shared(std::string_view path) { return std::string(PECIA_SHARED_DIR "/").append(path); }
bool absent(const std::string& path) { return !std::filesystem::exists(path); }

}  // namespace

TEST_CASE("stories260K is read as the model it is") {
  const std::string path = shared("models/stories260K-f32.gguf");
  if (absent(path)) PECIA_SKIP("stories260K-f32.gguf is not here");
  const auto file = ModelFile::open(path);
  REQUIRE(file);
  const auto params = read_model_params(*file);
  REQUIRE(params);
  CHECK(params->layers == 5);
  CHECK(params->width == 64);
  CHECK(params->heads == 8);
  CHECK(params->kv_heads == 4);
  CHECK(params->head_dim == 8);
  CHECK(params->ffn_width == 172);
  CHECK(params->vocabulary == 512);
  CHECK(!params->tied_embeddings);
}

TEST_CASE("stories260K converted to F16 has the weights of llama.cpp's own F16 file") {
  const std::string path = shared("models/stories260K-f32.gguf");
  const std::string reference_path = shared("models/stories260K-f16.gguf");
  if (absent(path) || absent(reference_path)) PECIA_SKIP("the stories260K files are not here");
  const TemporaryFolder folder;
  REQUIRE(convert_gguf(ModelFile::open(path).value(), TensorType::f16, folder.file("f16")));
  const ModelFile made = ModelFile::open(folder.file("f16")).value();
  const ModelFile reference = ModelFile::open(reference_path).value();
  REQUIRE(made.tensors().size() == reference.tensors().size());
  for (const Tensor& tensor : reference.tensors()) {
    const Tensor* ours = made.tensor(tensor.name);
    INFO(tensor.name);
    REQUIRE(ours != nullptr);
    REQUIRE(ours->type == tensor.type);
    REQUIRE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), ours->bytes.begin(),
                       ours->bytes.end()));
  }
}

TEST_CASE("stories260K in Q8_0 keeps its 172-wide rows in F16 and says so") {
  const std::string path = shared("models/stories260K-f32.gguf");
  if (absent(path)) PECIA_SKIP("stories260K-f32.gguf is not here");
  const TemporaryFolder folder;
  const auto report =
      convert_gguf(ModelFile::open(path).value(), TensorType::q8_0, folder.file("q8"));
  REQUIRE(report);
  CHECK(report->fallbacks.size() == 5);
  CHECK(report->fallbacks[0] == "blk.0.ffn_down.weight");
  CHECK(read_model_params(ModelFile::open(folder.file("q8")).value()));
}

TEST_CASE("vocabularies of other architectures open, and are no models") {
  const std::string folder = shared("vocab");
  if (absent(folder)) PECIA_SKIP("the vocabularies are not here");
  int opened = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".gguf") continue;
    const auto file = ModelFile::open(entry.path().string());
    INFO(entry.path().string());
    REQUIRE(file);
    CHECK(file->find_texts("tokenizer.ggml.tokens").value()->size() > 30'000);
    CHECK(!read_model_params(*file));
    ++opened;
  }
  CHECK(opened > 0);
}
