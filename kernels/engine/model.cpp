#include "kernels/engine/model.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>

#include "kernels/base/float_mode.hpp"
#include "kernels/cpu/rows.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/model_tensors.hpp"

namespace pecia::kernels {
namespace {

// Rows of a tensor that make one product's weights, and the same elements of its bias.
struct RowsOf {
  std::string tensor;  // without ".weight"
  std::uint64_t first = 0;
  std::uint64_t rows = 0;
  bool bias = false;
};

using RowOrder = std::function<std::uint64_t(std::uint64_t)>;  // as RowSource::row

// Reads tensors that read_model_params() has found to be there, in their shapes.
class Loader {
 public:
  Loader(const ModelFile& file, ThreadPool& pool)
      : file_(file), pool_(pool), staging_(static_cast<std::size_t>(pool.threads())) {}

  std::vector<float> vector(const std::string& name) const {
    const Tensor& tensor = *file_.tensor(name);
    std::vector<float> values(tensor.cols());
    dequantise_row(tensor, 0, values.data());
    return values;
  }

  Norm norm(const std::string& name, NormKind kind) const {
    Norm norm;
    norm.weight = vector(name + ".weight");
    if (kind == NormKind::layer) norm.bias = vector(name + ".bias");
    return norm;
  }

  Linear linear(const RowsOf& part, const RowOrder& order = {}) {
    Linear linear;
    linear.weights = packed(part, order);
    if (part.bias) linear.bias = bias(part, order);
    return linear;
  }

  // All rows of a matrix without a bias.
  Linear matrix(const std::string& name) {
    return linear({name, 0, file_.tensor(name + ".weight")->rows()});
  }

 private:
  PackedMatrix packed(const RowsOf& part, const RowOrder& order) {
    Tensor tensor = *file_.tensor(part.tensor + ".weight");
    const std::uint64_t row_bytes = tensor.row_bytes();
    tensor.bytes = tensor.bytes.subspan(part.first * row_bytes, part.rows * row_bytes);
    tensor.shape.back() = part.rows;
    const auto fetch = [this](std::span<const std::byte> bytes, int member) {
      AlignedBuffer& staging = staging_[static_cast<std::size_t>(member)];
      staging.reserve(bytes.size());
      return file_.read(bytes, staging.data()) ? staging.data() : bytes.data();
    };
    PackedMatrix matrix = PackedMatrix::pack(pool_, tensor, {order, fetch});
    file_.drop_pages(tensor.bytes);  // so that weights do not lie in memory twice
    return matrix;
  }

  std::vector<float> bias(const RowsOf& part, const RowOrder& order) const {
    const std::vector<float> all = vector(part.tensor + ".bias");
    std::vector<float> values((part.rows + Rows::kBlock - 1) / Rows::kBlock * Rows::kBlock);
    for (std::uint64_t row = 0; row < part.rows; ++row) {
      values[row] = all[part.first + (order ? order(row) : row)];
    }
    return values;
  }

  const ModelFile& file_;
  ThreadPool& pool_;
  std::vector<AlignedBuffer> staging_;  // per member: rows on their way into a panel
};

// The order of q's and k's rows inside, where files have another.
RowOrder rotated_rows(const ModelParams& params) {
  if (params.rotated_dim() == 0 || params.features.rope_pairs == RopePairs::halves) return {};
  return [head_dim = static_cast<std::uint64_t>(params.head_dim),
          rotated = static_cast<std::uint64_t>(params.rotated_dim())](std::uint64_t row) {
    return rope_file_row(row, head_dim, rotated);
  };
}

// One layer's tensors, fused or not, as the products of the forward pass.
class LayerLoader {
 public:
  LayerLoader(Loader& load, const ModelParams& params, int index)
      : load_(load),
        params_(params),
        features_(params.features),
        prefix_(fmt::format("blk.{}.", index)) {}

  Layer layer() {
    Layer layer;
    attention(layer);
    feed_forward(layer);
    return layer;
  }

 private:
  void attention(Layer& layer) {
    const auto width = static_cast<std::uint64_t>(params_.width);
    const auto head_dim = static_cast<std::uint64_t>(params_.head_dim);
    const std::uint64_t query = head_dim * static_cast<std::uint64_t>(params_.heads);
    const std::uint64_t key = head_dim * static_cast<std::uint64_t>(params_.kv_heads);
    const auto part = [&](const char* own, std::uint64_t first, std::uint64_t rows) -> RowsOf {
      if (features_.fused_qkv) return {name("attn_qkv"), first, rows, features_.qkv_bias};
      return {name(own), 0, rows, features_.qkv_bias};
    };
    const RowOrder rotated = rotated_rows(params_);
    layer.attention_norm = load_.norm(name("attn_norm"), features_.norm);
    layer.q = load_.linear(part("attn_q", 0, query), rotated);
    layer.k = load_.linear(part("attn_k", query, key), rotated);
    layer.v = load_.linear(part("attn_v", query + key, key));
    if (features_.head_norms) {
      layer.q_norm = load_.vector(name("attn_q_norm.weight"));
      layer.k_norm = load_.vector(name("attn_k_norm.weight"));
    }
    layer.o = load_.linear({name("attn_output"), 0, width, features_.output_bias});
    if (features_.post_norms) {
      layer.attention_post_norm = load_.norm(name("post_attention_norm"), NormKind::rms);
    }
  }

  void feed_forward(Layer& layer) {
    const auto width = static_cast<std::uint64_t>(params_.width);
    const auto ffn = static_cast<std::uint64_t>(params_.ffn_width);
    const bool bias = features_.ffn_bias;
    layer.ffn_norm = load_.norm(name("ffn_norm"), features_.norm);
    if (features_.fused_gate) {
      layer.gate = load_.linear({name("ffn_up"), 0, ffn, bias});
      layer.up = load_.linear({name("ffn_up"), ffn, ffn, bias});
    } else {
      if (features_.has_gate()) layer.gate = load_.linear({name("ffn_gate"), 0, ffn, bias});
      layer.up = load_.linear({name("ffn_up"), 0, ffn, bias});
    }
    layer.down = load_.linear({name("ffn_down"), 0, width, bias});
    if (features_.post_norms) {
      layer.ffn_post_norm = load_.norm(name("post_ffw_norm"), NormKind::rms);
    }
  }

  std::string name(const char* part) const { return prefix_ + part; }

  Loader& load_;
  const ModelParams& params_;
  const ModelFeatures& features_;
  std::string prefix_;
};

Status check_kernels(const ModelFile& file) {
  for (const Tensor& tensor : file.tensors()) {
    if (has_kernel(tensor.type)) continue;
    return fail(ErrorKind::refuse, "{}: tensor '{}' has type {}; there are kernels for {}",
                file.path(), tensor.name, traits_of(tensor.type)->name, kernel_types());
  }
  return {};
}

std::array<const PackedMatrix*, 7> matrices(const Layer& layer) {
  return {&layer.q.weights,    &layer.k.weights,  &layer.v.weights,   &layer.o.weights,
          &layer.gate.weights, &layer.up.weights, &layer.down.weights};
}

// The numbers a plain llama has no use for, by name where they differ from its own.
std::string further_numbers(const ModelParams& params) {
  const ModelParams plain;
  const ModelFeatures& features = params.features;
  std::string text;
  if (features != plain.features) {
    text += fmt::format(
        " norm={} feed_forward={} positions={} rope_pairs={} fused_qkv={} fused_gate={} "
        "qkv_bias={} output_bias={} ffn_bias={} head_norms={} post_norms={} scaled_embedding={}",
        static_cast<int>(features.norm), static_cast<int>(features.feed_forward),
        static_cast<int>(features.positions), static_cast<int>(features.rope_pairs),
        features.fused_qkv, features.fused_gate, features.qkv_bias, features.output_bias,
        features.ffn_bias, features.head_norms, features.post_norms, features.scaled_embedding);
  }
  if (params.rotated_dim() != params.head_dim) {
    text += fmt::format(" rotated={}", params.rotated_dim());
  }
  if (params.query_scale > 0) text += fmt::format(" query_scale={:a}", params.query_scale);
  if (params.rope_magnitude != 1) text += fmt::format(" magnitude={:a}", params.rope_magnitude);
  if (params.window > 0) {
    text += fmt::format(" window={} window_pattern={} local_rope_base={:a}", params.window,
                        params.window_pattern, params.local_rope_base);
  }
  return text;
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
  return text + further_numbers(params);
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
Id model_id(const ModelFile& file, const ModelParams& params, const Tensor* in_use) {
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

Expected<std::shared_ptr<const Model>> Model::load(const ModelFile& file, ThreadPool& pool,
                                                   std::optional<LayerRange> range,
                                                   int context_max) {
  const FloatModeGuard guard;
  Expected<ModelParams> params = read_model_params(file, context_max);
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
    model->layers_.push_back(LayerLoader(load, model->params_, index).layer());
  }
  if (model->has_embedding()) {
    model->embedding_ = file.tensor(kEmbeddingTensor);
    model->positions_ = file.tensor(kPositionTensor);
  }
  if (model->has_head()) {
    model->output_norm_ = load.norm("output_norm", model->params_.features.norm);
    model->head_ = load.matrix(model->params_.tied_embeddings ? "token_embd" : "output");
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
  if (has_head()) visit(head_.weights);
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

std::vector<TensorType> Model::matrix_types() const {
  std::set<TensorType> types;
  for (const Tensor& tensor : file_->tensors()) {
    if (tensor.shape.size() > 1) types.insert(tensor.type);
  }
  return {types.begin(), types.end()};
}

std::string Model::quantisation() const {
  std::map<TensorType, std::uint64_t> weights;
  for (const Tensor& tensor : file_->tensors()) {
    const bool looked_up = tensor.name == kPositionTensor ||
                           (tensor.name == kEmbeddingTensor && !params_.tied_embeddings);
    if (tensor.shape.size() > 1 && !looked_up)
      weights[tensor.type] += tensor.rows() * tensor.cols();
  }
  const auto most =
      std::ranges::max_element(weights, {}, [](const auto& entry) { return entry.second; });
  return std::string(traits_of(most->first)->name);
}

}  // namespace pecia::kernels
