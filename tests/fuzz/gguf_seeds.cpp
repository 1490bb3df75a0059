// Writes the seed corpus of gguf_fuzzer: `gguf_seeds FOLDER`. Each file is below 4 KB.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "kernels/weights/file_type.hpp"
#include "kernels/weights/model_metadata.hpp"
#include "kernels/weights/model_tensors.hpp"

using namespace pecia::kernels;

namespace {

// One layer, eight numbers wide: whole enough for read_model_params.
GgufHeader model(const Architecture& architecture) {
  ModelParams params;
  params.architecture = architecture.name;
  params.features = architecture.features;
  params.layers = 1;
  params.width = 8;
  params.heads = 2;
  params.kv_heads = architecture.features.positions == Positions::learned ? 2 : 1;
  params.head_dim = 4;
  params.ffn_width = 4;
  params.vocabulary = 2;
  params.context = 64;
  params.norm_epsilon = 1e-5f;
  params.window = architecture.window == WindowUse::never ? 0 : 16;
  params.window_pattern = architecture.window_pattern;
  params.rope_linear_scale = 2;
  GgufHeader header;
  header.add_text("general.architecture", params.architecture);
  add_model_params(header, params);
  for (const TensorSpec& spec : model_tensors(params)) {
    header.add_tensor(spec.name, weight_type_for(spec.shape, TensorType::f16), spec.shape);
  }
  return header;
}

// A value of each kind the writer knows, and a tensor of each weight format.
GgufHeader values() {
  const std::string texts[] = {"<unk>", "<s>", ""};
  const float floats[] = {0.0f, -1.5f};
  const std::int32_t ints[] = {2, -3};
  const std::uint64_t shape[] = {32, 1};
  GgufHeader header;
  header.add_text("text", "folio");
  header.add_u32("general.alignment", 32);
  header.add_f32("number", 0.5f);
  header.add_bool("flag", true);
  header.add_texts("tokenizer.ggml.tokens", texts);
  header.add_floats("tokenizer.ggml.scores", floats);
  header.add_ints("tokenizer.ggml.token_type", ints);
  header.add_tensor("f32", TensorType::f32, shape);
  header.add_tensor("f16", TensorType::f16, shape);
  header.add_tensor("q8_0", TensorType::q8_0, shape);
  header.add_tensor("q4_0", TensorType::q4_0, shape);
  return header;
}

Status write(const std::string& path, const GgufHeader& header) {
  auto writer = GgufWriter::create(path, header);
  if (!writer) return writer.error();
  for (const std::uint64_t size : header.tensor_sizes()) {
    if (Status status = writer->write(std::vector<std::byte>(size)); !status) return status;
  }
  return writer->finish();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: gguf_seeds FOLDER\n", stderr);
    return 2;
  }
  const std::string folder = arguments[1];
  std::vector<std::pair<std::string, GgufHeader>> seeds;
  for (const Architecture& architecture : architectures()) {
    seeds.emplace_back(fmt::format("/{}.gguf", architecture.name), model(architecture));
  }
  seeds.emplace_back("/values.gguf", values());
  seeds.emplace_back("/empty.gguf", GgufHeader{});
  for (const auto& [name, header] : seeds) {
    if (Status status = write(folder + name, header); !status) {
      std::fprintf(stderr, "%s\n", status.error().message.c_str());
      return 2;
    }
  }
  return 0;
}
