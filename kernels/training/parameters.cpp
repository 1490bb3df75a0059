#include "kernels/training/parameters.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "kernels/base/double_math.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/weights/model_tensors.hpp"

namespace pecia::kernels {
namespace {

Status check_blocks(const char* what, int number) {
  if (number > 0 && number % Rows::kBlock == 0) return {};
  return fail(ErrorKind::refuse, "cannot train a model with {} {}: it must be a multiple of {}",
              what, number, Rows::kBlock);
}

// Box and Muller's pair, of which one is used: a draw is a function of its own index alone.
double normal_deviate(std::uint64_t seed, std::uint64_t tensor, std::uint64_t index) {
  const double radius_draw = unit_double(philox64(seed, index, 2 * tensor));
  const double angle_draw = unit_double(philox64(seed, index, 2 * tensor + 1));
  const double radius = std::sqrt(-2 * double_math::log(1 - radius_draw));
  return radius * double_math::sin_cos(2 * std::numbers::pi * angle_draw).cos;
}

Status check_number(std::string_view what, double number, double least) {
  if (std::isfinite(number) && number >= least) return {};
  return fail(ErrorKind::refuse, "cannot train a model with {} of {}", what, number);
}

bool writes_residual(const ParameterSpec& spec) {
  return spec.name.ends_with("attn_output.weight") || spec.name.ends_with("ffn_down.weight");
}

}  // namespace

Status check_trainable(const ModelParams& shape) {
  if (shape.architecture != "llama" || shape.features != ModelFeatures{} || shape.window > 0 ||
      shape.rotated_dim() != shape.head_dim || shape.query_scale > 0 || shape.rope_magnitude != 1) {
    return fail(ErrorKind::refuse,
                "cannot train a {} model with this set of features: a plain llama is",
                shape.architecture);
  }
  if (Status s = check_blocks("a width of", shape.width); !s) return s;
  if (Status s = check_blocks("heads of", shape.head_dim); !s) return s;
  if (Status s = check_blocks("a feed-forward width of", shape.ffn_width); !s) return s;
  if (shape.layers < 1 || shape.vocabulary < 2 || shape.context < 2 || shape.kv_heads < 1) {
    return fail(ErrorKind::refuse,
                "cannot train a model of {} layers, {} tokens, {} positions and {} key-value heads",
                shape.layers, shape.vocabulary, shape.context, shape.kv_heads);
  }
  if (shape.heads < 1 || shape.heads % shape.kv_heads != 0) {
    return fail(ErrorKind::refuse, "{} attention heads cannot share {} key-value heads evenly",
                shape.heads, shape.kv_heads);
  }
  if (!shape.rope_frequency_divisor.empty()) {
    return fail(ErrorKind::refuse, "cannot train a model with rope divisors");
  }
  if (Status s = check_number("a rope base", shape.rope_base, 1); !s) return s;
  if (Status s = check_number("a rope scale", shape.rope_linear_scale, 1); !s) return s;
  return check_number("a norm epsilon", shape.norm_epsilon,
                      std::numeric_limits<float>::denorm_min());
}

ParameterTable::ParameterTable(const ModelParams& shape) {
  for (const TensorSpec& tensor : model_tensors(shape)) {
    const int cols = static_cast<int>(tensor.shape[0]);
    const int rows = tensor.is_matrix() ? static_cast<int>(tensor.shape[1]) : 1;
    assert(cols % Rows::kBlock == 0);
    entries_.push_back({tensor.name, floats_, rows, cols, tensor.is_matrix()});
    floats_ += entries_.back().floats();
  }
}

ModelView view_of(const ParameterTable& table, const ModelParams& shape, float* floats) {
  auto entry = table.entries().begin();
  const auto next = [&] {
    const Rows rows{floats + entry->offset, entry->rows, entry->cols};
    ++entry;
    return rows;
  };
  ModelView view;
  view.embedding = next();
  view.output_norm = next();
  view.head = shape.tied_embeddings ? view.embedding : next();
  for (int i = 0; i < shape.layers; ++i) {
    LayerView layer;
    for (Rows* tensor : {&layer.attention_norm, &layer.q, &layer.k, &layer.v, &layer.o,
                         &layer.ffn_norm, &layer.gate, &layer.up, &layer.down}) {
      *tensor = next();
    }
    view.layers.push_back(layer);
  }
  assert(entry == table.entries().end());
  return view;
}

void initialise(const ParameterTable& table, const ModelParams& shape, std::uint64_t seed,
                double deviation, float* floats) {
  const double residual = deviation / std::sqrt(2.0 * shape.layers);
  for (std::size_t tensor = 0; tensor < table.entries().size(); ++tensor) {
    const ParameterSpec& spec = table.entries()[tensor];
    float* const values = floats + spec.offset;
    if (!spec.is_matrix) {
      std::fill_n(values, spec.floats(), 1.0f);
      continue;
    }
    const double spread = writes_residual(spec) ? residual : deviation;
    for (std::size_t i = 0; i < spec.floats(); ++i) {
      values[i] = static_cast<float>(spread * normal_deviate(seed, tensor, i));
    }
  }
}

}  // namespace pecia::kernels
