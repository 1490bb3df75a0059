#include "kernels/engine/model.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "kernels/base/float_mode.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/llama_tensors.hpp"

namespace pecia::kernels {
namespace {

// Reads tensors that read_model_params() has found to be there, in their shapes.
class Loader {
 public:
  Loader(const Gguf& file, ThreadPool& pool)
      : file_(file), pool_(pool), staging_(static_cast<std::size_t>(pool.threads())) {}

  std::vector<float> vector(const std::string& name) const {
    const Tensor& tensor = *file_.tensor(name);
    std::vector<float> values(tensor.cols());
    dequantise_row(tensor, 0, values.data());
    return values;
  }

  PackedMatrix matrix(const std::string& name) { return packed(name, {}); }

  PackedMatrix rotated_matrix(const std::string& name, int head_dim) {
    return packed(name, [head_dim](std::uint64_t row) { return rope_file_row(row, head_dim); });
  }

 private:
  PackedMatrix packed(const std::string& name, std::function<std::uint64_t(std::uint64_t)> row) {
    const Tensor& tensor = *file_.tensor(name);
    const auto fetch = [this](std::span<const std::byte> part, int member) {
      AlignedBuffer& staging = staging_[static_cast<std::size_t>(member)];
      staging.reserve(part.size());
      return file_.read(part, staging.data()) ? staging.data() : part.data();
    };
    PackedMatrix matrix = PackedMatrix::pack(pool_, tensor, {std::move(row), fetch});
    file_.drop_pages(tensor.bytes);  // so that weights do not lie in memory twice
    return matrix;
  }

  const Gguf& file_;
  ThreadPool& pool_;
  std::vector<AlignedBuffer> staging_;  // per member: rows on their way into a panel
};

Layer load_layer(Loader& load, int index, int head_dim) {
  const auto name = [index](const char* part) {
    return fmt::format("blk.{}.{}.weight", index, part);
  };
  Layer layer;
  layer.attention_norm = load.vector(name("attn_norm"));
  layer.q = load.rotated_matrix(name("attn_q"), head_dim);
  layer.k = load.rotated_matrix(name("attn_k"), head_dim);
  layer.v = load.matrix(name("attn_v"));
  layer.o = load.matrix(name("attn_output"));
  layer.ffn_norm = load.vector(name("ffn_norm"));
  layer.gate = load.matrix(name("ffn_gate"));
  layer.up = load.matrix(name("ffn_up"));
  layer.down = load.matrix(name("ffn_down"));
  return layer;
}

Status check_kernels(const Gguf& file) {
  for (const Tensor& tensor : file.tensors()) {
    if (has_kernel(tensor.type)) continue;
    return fail(ErrorKind::refuse, "{}: tensor '{}' has type {}; there are kernels for {}",
                file.path(), tensor.name, traits_of(tensor.type)->name, kernel_types());
  }
  return {};
}

std::array<const PackedMatrix*, 7> matrices(const Layer& layer) {
  return {&layer.q, &layer.k, &layer.v, &layer.o, &layer.gate, &layer.up, &layer.down};
}

// Every number that decides the arithmetic, floats with all their bits.
std::string architecture_numbers(const ModelParams& params) {
  std::string text = fmt::format(
      "{} layers={} width={} heads={} kv_heads={} head_dim={} ffn_width={} vocabulary={} "
      "context={} norm_epsilon={:a} rope_base={:a} rope_linear_scale={:a} tied={}",
      params.architecture, params.layers, params.width, params.heads, params.kv_heads,
      params.head_dim, params.ffn_width, params.vocabulary, params.context, params.norm_epsilon,
      params.rope_base, params.rope_linear_scale, params.tied_embeddings);
  for (const float divisor : params.rope_frequency_divisor) text += fmt::format(" {:a}", divisor);
  return text;
}

// Of the rows in GGUF's order, so that one model has one id wherever it lies.
Id checksum(const Tensor& tensor) {
  if (tensor.halved_rows == 0) return xxh3_128(tensor.bytes);
  std::vector<std::byte> rows;
  rows.reserve(tensor.bytes.size());
  for (std::uint64_t row = 0; row < tensor.rows(); ++row) {
    rows.insert(rows.end(), tensor.row(row).begin(), tensor.row(row).end());
  }
  return xxh3_128(rows);
}

// `in_use`: the tensor whose pages stay resident, if any.
Id model_id(const Gguf& file, const ModelParams& params, const Tensor* in_use) {
  FieldHash hash;
  const Expected<Tokenizer> tokenizer = Tokenizer::load(file);
  hash.field(architecture_numbers(params));
  hash.field(tokenizer ? tokenizer->fingerprint() : std::string());
  std::map<std::string_view, const Tensor*> by_name;
  for (const Tensor& tensor : file.tensors()) by_name.emplace(tensor.name, &tensor);
  for (const auto& [name, tensor] : by_name) {
    hash.field(name).field(static_cast<std::uint32_t>(tensor->type));
    hash.field(std::as_bytes(std::span(tensor->shape))).field(checksum(*tensor));
    if (tensor != in_use) file.drop_pages(tensor->bytes);
  }
  return hash.id();
}

}  // namespace

Expected<std::shared_ptr<const Model>> Model::load(const Gguf& file, ThreadPool& pool,
                                                   std::optional<LayerRange> range) {
  const FloatModeGuard guard;
  Expected<ModelParams> params = read_model_params(file);
  if (!params) return params.error();
  if (const Status kernels = check_kernels(file); !kernels) return kernels.error();
  const LayerRange layers = range.value_or(LayerRange{0, params->layers});
  if (layers.first < 0 || layers.first >= layers.last || layers.last > params->layers) {
    return fail(ErrorKind::refuse, "{}: layers [{},{}) asked for, the model has [0,{})",
                file.path(), layers.first, layers.last, params->layers);
  }

  std::shared_ptr<Model> model(new Model);
  model->file_ = file;
  model->params_ = std::move(*params);
  model->range_ = layers;
  Loader load(file, pool);
  for (int index = layers.first; index < layers.last; ++index) {
    model->layers_.push_back(load_layer(load, index, model->params_.head_dim));
  }
  if (model->has_embedding()) model->embedding_ = file.tensor(kEmbeddingTensor);
  if (model->has_head()) {
    model->output_norm_ = load.vector("output_norm.weight");
    model->head_ = load.matrix(model->params_.tied_embeddings ? kEmbeddingTensor : kHeadTensor);
  }
  return std::shared_ptr<const Model>(std::move(model));
}

const Id& Model::id() const {
  std::call_once(id_once_, [this] { id_ = model_id(*file_, params_, embedding_); });
  return id_;
}

template <class Visit>
void Model::for_each_matrix(Visit visit) const {
  for (const Layer& layer : layers_) {
    for (const PackedMatrix* matrix : matrices(layer)) visit(*matrix);
  }
  if (has_head()) visit(head_);
}

std::size_t Model::matrix_bytes() const {
  std::size_t bytes = 0;
  for_each_matrix([&](const PackedMatrix& matrix) { bytes += matrix.bytes(); });
  return bytes;
}

std::uint64_t Model::matrix_weights() const {
  std::uint64_t weights = 0;
  for_each_matrix([&](const PackedMatrix& matrix) {
    weights += std::uint64_t(matrix.outputs()) * std::uint64_t(matrix.inputs());
  });
  return weights;
}

std::string Model::quantisation() const {
  std::map<TensorType, std::uint64_t> weights;
  for_each_matrix([&](const PackedMatrix& matrix) {
    weights[matrix.type()] += std::uint64_t(matrix.outputs()) * std::uint64_t(matrix.inputs());
  });
  const auto most =
      std::ranges::max_element(weights, {}, [](const auto& entry) { return entry.second; });
  return std::string(traits_of(most->first)->name);
}

}  // namespace pecia::kernels
