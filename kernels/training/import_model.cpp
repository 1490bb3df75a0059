#include "kernels/training/import_model.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "kernels/training/file_rows.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

Expected<const Tensor*> find(const ModelFile& model, const ParameterSpec& spec) {
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
Status check_plain_llama(const ModelFile& model, const ParameterTable& table) {
  const auto architecture = model.find_text("general.architecture");
  if (!architecture) return architecture.error();
  const bool llama = architecture->value_or("") == "llama";
  const auto is_bias = [](const Tensor& tensor) { return tensor.name.ends_with(".bias"); };
  if (!llama || std::ranges::any_of(model.tensors(), is_bias)) {
    return fail(ErrorKind::refuse, "{}: architecture '{}'{}: training starts from a plain llama",
                model.path(), quoted(architecture->value_or("")), llama ? " with biases" : "");
  }
  for (const Tensor& tensor : model.tensors()) {
    const auto names_it = [&](const ParameterSpec& spec) { return spec.name == tensor.name; };
    if (std::ranges::any_of(table.entries(), names_it)) continue;
    return fail(ErrorKind::refuse, "{}: tensor '{}' has no place in the model that is trained",
                model.path(), quoted(tensor.name));
  }
  return {};
}

}  // namespace

Expected<std::vector<float>> import_model(const ModelFile& model, const ModelParams& shape,
                                          const ParameterTable& table) {
  if (Status plain = check_plain_llama(model, table); !plain) return plain.error();
  std::vector<float> weights(table.floats());
  for (const ParameterSpec& spec : table.entries()) {
    const Expected<const Tensor*> tensor = find(model, spec);
    if (!tensor) return tensor.error();
    std::vector<float> in_file(static_cast<std::size_t>(spec.cols));
    assert((*tensor)->bytes.size() == spec.floats() * sizeof(float));
    const Rows rows{weights.data() + spec.offset, spec.rows, spec.cols};
    for (int row = 0; row < spec.rows; ++row) {
      const std::span<const std::byte> bytes = (*tensor)->row(file_row(spec, shape.head_dim, row));
      std::memcpy(in_file.data(), bytes.data(), bytes.size());
      const float* const from = in_file.data();
      for (int block = 0; block < rows.blocks(); ++block) {
        std::memcpy(rows.block(block, row), from + block * Rows::kBlock,
                    sizeof(float) * Rows::kBlock);
      }
    }
  }
  return weights;
}

}  // namespace pecia::kernels
