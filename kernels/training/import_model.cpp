#include "kernels/training/import_model.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "kernels/training/file_rows.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

Expected<const Tensor*> find(const Gguf& model, const ParameterSpec& spec) {
  const Tensor* tensor = model.tensor(spec.name);
  if (tensor == nullptr) {
    return fail(ErrorKind::refuse, "{}: no tensor '{}'", model.path(), spec.name);
  }
  if (tensor->type != TensorType::f32) {
    return fail(ErrorKind::refuse, "{}: tensor '{}' is {}, training starts from F32", model.path(),
                spec.name, traits_of(tensor->type)->name);
  }
  const auto cols = static_cast<std::uint64_t>(spec.cols);
  const auto rows = static_cast<std::uint64_t>(spec.rows);
  if (tensor->cols() == cols && tensor->rows() == rows) return tensor;
  return fail(ErrorKind::refuse, "{}: tensor '{}' has {} rows of {}, the run wants {} of {}",
              model.path(), spec.name, tensor->rows(), tensor->cols(), rows, cols);
}

// Tensors that the table does not name would be left out in silence.
Status check_plain_llama(const Gguf& model) {
  const auto architecture = model.find_text("general.architecture");
  if (!architecture) return architecture.error();
  const bool llama = architecture->value_or("") == "llama";
  const auto is_bias = [](const Tensor& tensor) { return tensor.name.ends_with(".bias"); };
  if (llama && std::ranges::none_of(model.tensors(), is_bias)) return {};
  return fail(ErrorKind::refuse, "{}: architecture '{}'{}: training starts from a plain llama",
              model.path(), quoted(architecture->value_or("")), llama ? " with biases" : "");
}

}  // namespace

Expected<std::vector<float>> import_model(const Gguf& model, const ModelParams& shape,
                                          const ParameterTable& table) {
  if (Status plain = check_plain_llama(model); !plain) return plain.error();
  std::vector<float> weights(table.floats());
  for (const ParameterSpec& spec : table.entries()) {
    const Expected<const Tensor*> tensor = find(model, spec);
    if (!tensor) return tensor.error();
    std::vector<float> in_file(spec.floats());
    assert((*tensor)->bytes.size() == in_file.size() * sizeof(float));
    std::memcpy(in_file.data(), (*tensor)->bytes.data(), (*tensor)->bytes.size());
    const Rows rows{weights.data() + spec.offset, spec.rows, spec.cols};
    for (int row = 0; row < spec.rows; ++row) {
      const float* from = in_file.data() + file_row(spec, shape.head_dim, row) *
                                               static_cast<std::uint64_t>(spec.cols);
      for (int block = 0; block < rows.blocks(); ++block) {
        std::memcpy(rows.block(block, row), from + block * Rows::kBlock,
                    sizeof(float) * Rows::kBlock);
      }
    }
  }
  return weights;
}

}  // namespace pecia::kernels
