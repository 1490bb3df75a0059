#include "kernels/training/export_model.hpp"

#include <cassert>
#include <cstring>

#include "kernels/cpu/rows.hpp"
#include "kernels/training/file_rows.hpp"
#include "kernels/weights/file_type.hpp"
#include "kernels/weights/gguf_writer.hpp"
#include "kernels/weights/model_metadata.hpp"
#include "kernels/weights/model_tensors.hpp"

namespace pecia::kernels {
namespace {

// The tensor as it lies in the file: row after row, heads of q and k in GGUF's order.
std::vector<float> file_rows(const ParameterSpec& spec, int head_dim, const float* values) {
  const Rows rows{const_cast<float*>(values), spec.rows, spec.cols};  // only read
  std::vector<float> out(spec.floats());
  for (int row = 0; row < spec.rows; ++row) {
    float* const target =
        out.data() + file_row(spec, head_dim, row) * static_cast<std::uint64_t>(spec.cols);
    for (int block = 0; block < rows.blocks(); ++block) {
      std::memcpy(target + block * Rows::kBlock, rows.block(block, row),
                  sizeof(float) * Rows::kBlock);
    }
  }
  return out;
}

Status add_tokenizer(const ModelFile& tokenizer, int vocabulary, GgufHeader& header) {
  const auto tokens = tokenizer.find_texts("tokenizer.ggml.tokens");
  if (!tokens) return tokens.error();
  const std::size_t count = *tokens ? (*tokens)->size() : 0;
  if (count != static_cast<std::size_t>(vocabulary)) {
    return fail(ErrorKind::refuse, "{}: a tokenizer of {} tokens, the model has a vocabulary of {}",
                tokenizer.path(), count, vocabulary);
  }
  for (std::size_t i = 0; i < tokenizer.metadata().size(); ++i) {
    if (!tokenizer.metadata()[i].first.starts_with("tokenizer.")) continue;
    header.add_record(tokenizer.record(i));
  }
  return {};
}

}  // namespace

Status export_model(const std::string& path, const std::string& name, const ModelParams& shape,
                    const ParameterTable& table, std::span<const float> weights,
                    const ModelFile& tokenizer) {
  assert(weights.size() == table.floats());
  GgufHeader header;
  header.add_text("general.architecture", "llama");
  header.add_text("general.name", name);
  add_file_type(header, TensorType::f32);
  add_model_params(header, shape);
  if (Status added = add_tokenizer(tokenizer, shape.vocabulary, header); !added) return added;
  for (const TensorSpec& tensor : model_tensors(shape)) {
    header.add_tensor(tensor.name, TensorType::f32, tensor.shape);
  }
  Expected<GgufWriter> writer = GgufWriter::create(path, header);
  if (!writer) return writer.error();
  for (const ParameterSpec& spec : table.entries()) {
    const std::vector<float> rows = file_rows(spec, shape.head_dim, weights.data() + spec.offset);
    if (Status s = writer->write(std::as_bytes(std::span(rows))); !s) return s;
  }
  return writer->finish();
}

}  // namespace pecia::kernels
