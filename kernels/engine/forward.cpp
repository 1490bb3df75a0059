#include "kernels/engine/forward.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace pecia::kernels {
namespace {

Rows keep_rows(const Rows& from, std::span<const int> kept, RowsBuffer& buffer) {
  const Rows to = buffer.shaped(static_cast<int>(kept.size()), from.cols);
  for (int block = 0; block < from.blocks(); ++block) {
    for (int row = 0; row < to.rows; ++row) {
      std::memcpy(to.block(block, row), from.block(block, kept[row]), sizeof(float) * Rows::kBlock);
    }
  }
  return to;
}

RopeTable rope_of(const ModelParams& params) {
  return {params.rotated_dim(), params.rope_base, params.rope_linear_scale,
          params.rope_frequency_divisor, params.rope_magnitude};
}

bool has_local_rope(const ModelParams& params) {
  return params.window > 0 && params.local_rope_base > 0;
}

RopeTable local_rope_of(const ModelParams& params) {
  if (!has_local_rope(params)) return {0, 1, 1, {}};
  return {params.rotated_dim(), params.local_rope_base, 1, {}};
}

std::vector<int> positions_of(const ForwardBatch& batch) {
  std::vector<int> positions;
  for (const AttentionSpan& span : batch.spans) {
    for (int row = 0; row < span.rows; ++row) positions.push_back(span.first_position + row);
  }
  return positions;
}

}  // namespace

void read_row(const Rows& rows, int row, std::span<float> out) {
  assert(out.size() == static_cast<std::size_t>(rows.cols));
  for (int block = 0; !out.empty(); ++block) {
    const std::size_t count = std::min<std::size_t>(out.size(), Rows::kBlock);
    std::memcpy(out.data(), rows.block(block, row), count * sizeof(float));
    out = out.subspan(count);
  }
}

void write_row(std::span<const float> values, const Rows& rows, int row) {
  assert(values.size() == static_cast<std::size_t>(rows.cols));
  for (int block = 0; !values.empty(); ++block) {
    const std::size_t count = std::min<std::size_t>(values.size(), Rows::kBlock);
    float* to = rows.block(block, row);
    std::memcpy(to, values.data(), count * sizeof(float));
    std::fill(to + count, to + Rows::kBlock, 0.0f);
    values = values.subspan(count);
  }
}

void ForwardBatch::clear() {
  tokens.clear();
  hidden = {};
  spans.clear();
  head_rows.clear();
}

Forward::Forward(const Model& model, ThreadPool& pool, const KernelTable& kernels)
    : model_(model),
      pool_(pool),
      kernels_(kernels),
      shape_{model.params().heads, model.params().kv_heads, model.params().head_dim},
      rope_(rope_of(model.params())),
      local_rope_(local_rope_of(model.params())),
      row_scratch_(static_cast<std::size_t>(pool.threads())) {
  for (AlignedBuffer& row : row_scratch_) row.reserve(2 * sizeof(float) * model.params().width);
}

void Forward::extend_ropes(const ForwardBatch& batch) {
  for (const AttentionSpan& span : batch.spans) {
    rope_.extend(span.first_position + span.rows);
    local_rope_.extend(span.first_position + span.rows);
  }
}

Rows Forward::run(ForwardBatch& batch) {
  extend_ropes(batch);
  Rows x = model_.has_embedding() ? embed(batch) : load_hidden(batch);
  const LayerRange range = model_.range();
  for (int index = range.first; index < range.last; ++index) {
    const Layer& layer = model_.layer(index);
    Rows attended = attention(index, batch, x);
    if (index + 1 == model_.params().layers) {
      if (batch.head_rows.empty()) return logits_.shaped(0, model_.params().vocabulary);
      x = keep_rows(x, batch.head_rows, kept_x_);
      attended = keep_rows(attended, batch.head_rows, kept_attended_);
    }
    add_product(layer.o, layer.attention_post_norm, attended, x);
    feed_forward(layer, x);
    for (AttentionSpan& span : batch.spans) {
      for (std::uint16_t*& page : span.pages) page += shape_.layer_page_halves();
    }
  }
  return model_.has_head() ? head(x) : x;
}

// The row of the token, scaled where the model does, then the row of its position where learned.
Rows Forward::embed(const ForwardBatch& batch) {
  const ModelParams& params = model_.params();
  const Rows x = x_.shaped(batch.rows(), params.width);
  const bool scaled = params.features.scaled_embedding;
  const float scale = std::sqrt(static_cast<float>(params.width));
  std::vector<int> positions;
  if (params.features.positions == Positions::learned) positions = positions_of(batch);
  pool_.run(x.rows, [&](std::int64_t row, int member) {
    auto* values = reinterpret_cast<float*>(row_scratch_[member].data());
    float* const learned = values + x.cols;
    dequantise_row(model_.embedding(), static_cast<std::uint64_t>(batch.tokens[row]), values);
    if (scaled) {
      for (int i = 0; i < x.cols; ++i) values[i] *= scale;
    }
    if (!positions.empty()) {
      dequantise_row(model_.positions(), static_cast<std::uint64_t>(positions[row]), learned);
      for (int i = 0; i < x.cols; ++i) values[i] += learned[i];
    }
    write_row({values, static_cast<std::size_t>(x.cols)}, x, static_cast<int>(row));
  });
  return x;
}

Rows Forward::load_hidden(const ForwardBatch& batch) {
  const Rows x = x_.shaped(batch.rows(), model_.params().width);
  for (int row = 0; row < x.rows; ++row) {
    const auto width = static_cast<std::size_t>(x.cols);
    write_row(batch.hidden.subspan(row * width, width), x, row);
  }
  return x;
}

void Forward::normalise(const Rows& x, const Norm& norm, const Rows& y) {
  const float epsilon = model_.params().norm_epsilon;
  if (norm.bias.empty()) {
    rms_norm(pool_, kernels_, x, y, norm.weight, epsilon);
  } else {
    layer_norm(pool_, kernels_, x, y, norm.weight, norm.bias, epsilon);
  }
}

Rows Forward::attention(int index, const ForwardBatch& batch, const Rows& x) {
  const ModelParams& params = model_.params();
  const Layer& layer = model_.layer(index);
  const Rows norm = norm_.shaped(x.rows, x.cols);
  normalise(x, layer.attention_norm, norm);
  const Rows q = q_.shaped(x.rows, layer.q.weights.outputs());
  const Rows k = k_.shaped(x.rows, layer.k.weights.outputs());
  const Rows v = v_.shaped(x.rows, layer.v.weights.outputs());
  multiply_all(norm, {{&layer.q, q}, {&layer.k, k}, {&layer.v, v}});

  const bool local = params.is_local(index);
  const HeadRules rules{.q_norm = layer.q_norm,
                        .k_norm = layer.k_norm,
                        .norm_epsilon = params.norm_epsilon,
                        .query_scale = params.query_scale,
                        .window = local ? params.window : 0};
  const RopeTable& rope = local && has_local_rope(params) ? local_rope_ : rope_;
  const Rows attended = attended_.shaped(x.rows, layer.q.weights.outputs());
  attend(pool_, kernels_, attention_, shape_, rope, batch.spans, q, k, v, attended, rules);
  return attended;
}

void Forward::feed_forward(const Layer& layer, const Rows& x) {
  const Rows norm = norm_.shaped(x.rows, x.cols);
  normalise(x, layer.ffn_norm, norm);
  const Rows gate = gate_.shaped(x.rows, layer.gate.weights.outputs());
  const Rows up = up_.shaped(x.rows, layer.up.weights.outputs());
  multiply_all(norm, {{&layer.gate, gate}, {&layer.up, up}});
  activate(gate, up);
  add_product(layer.down, layer.ffn_post_norm, up, x);
}

// The feed-forward's inner row, in place of up.
void Forward::activate(const Rows& gate, const Rows& up) {
  switch (model_.params().features.feed_forward) {
    case FeedForward::swiglu:
      return swiglu(pool_, kernels_, gate, up, up);
    case FeedForward::geglu:
      return geglu(pool_, kernels_, gate, up, up);
    case FeedForward::gelu:
      return gelu(pool_, kernels_, up);
  }
}

void Forward::add_product(const Linear& linear, const Norm& post_norm, const Rows& input,
                          const Rows& x) {
  const Rows product = product_.shaped(x.rows, x.cols);
  multiply_all(input, {{&linear, product}});
  if (!post_norm.weight.empty()) normalise(product, post_norm, product);
  add(pool_, kernels_, x, product);
}

Rows Forward::head(const Rows& x) {
  const Rows norm = norm_.shaped(x.rows, x.cols);
  normalise(x, model_.output_norm(), norm);
  const Rows logits = logits_.shaped(x.rows, model_.params().vocabulary);
  multiply_all(norm, {{&model_.head(), logits}});
  return logits;
}

// All products of one input, then their biases. What the model does not have takes no part.
void Forward::multiply_all(const Rows& input, std::initializer_list<LinearOut> parts) {
  std::vector<Product> products;
  for (const LinearOut& part : parts) {
    if (part.linear->weights.outputs() > 0) products.push_back({&part.linear->weights, part.out});
  }
  multiply(pool_, kernels_, gemm_, input, products);
  for (const LinearOut& part : parts) {
    if (!part.linear->bias.empty()) add_bias(pool_, kernels_, part.out, part.linear->bias);
  }
}

}  // namespace pecia::kernels
